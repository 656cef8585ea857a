/** How the allocator learns of reports: it asks (the default), or it is told (to see what that costs). */
import { type CollectorStatus, type FeedCost, isLogsError, logsPaths, readPayload } from '@menagerie/logs-core';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';

export interface Report {
  readonly status: CollectorStatus | null;
  /** `mtime` of the node; 0 when there is no report. */
  readonly reportedAtMs: number;
}

export const NO_REPORT: Report = { status: null, reportedAtMs: 0 };

export interface StatusFeed {
  readonly cost: FeedCost;
  /** The latest report of each of these. */
  reports(collectors: readonly string[]): Promise<ReadonlyMap<string, Report>>;
  close(): Promise<void>;
}

/** One small read a collector and poll. */
export class PollFeed implements StatusFeed {
  constructor(
    private readonly client: ZooKeeperClient,
    readonly cost: FeedCost,
  ) {}

  async reports(collectors: readonly string[]): Promise<ReadonlyMap<string, Report>> {
    this.cost.reads += collectors.length;
    const reports = await Promise.all(collectors.map((id) => this.report(id)));
    return new Map(collectors.map((id, at) => [id, reports[at] ?? NO_REPORT]));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async report(id: string): Promise<Report> {
    const path = logsPaths.status(id);
    try {
      const { data, stat } = await this.client.getData(path);
      return readReport(data, Number(stat.mtime), path);
    } catch (error) {
      if (isNoNode(error)) return NO_REPORT;
      throw error;
    }
  }
}

/** One watch a collector: each report is a notification, a read and a new watch. */
export class WatchFeed implements StatusFeed {
  private readonly latest = new Map<string, Report>();
  private readonly watchers = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();

  constructor(
    private readonly client: ZooKeeperClient,
    readonly cost: FeedCost,
  ) {}

  async reports(collectors: readonly string[]): Promise<ReadonlyMap<string, Report>> {
    const wanted = new Set(collectors);
    for (const [id, { stop }] of this.watchers) if (!wanted.has(id)) stop.abort();
    for (const id of collectors) if (!this.watchers.has(id)) this.watch(id);
    return new Map(collectors.map((id) => [id, this.latest.get(id) ?? NO_REPORT]));
  }

  async close(): Promise<void> {
    for (const { stop } of this.watchers.values()) stop.abort();
    await Promise.all([...this.watchers.values()].map(({ done }) => done));
  }

  private watch(id: string): void {
    const stop = new AbortController();
    const done = this.follow(id, stop.signal)
      .catch(() => undefined)
      .finally(() => {
        this.watchers.delete(id);
        this.latest.delete(id);
      });
    this.watchers.set(id, { stop, done });
  }

  private async follow(id: string, signal: AbortSignal): Promise<void> {
    const path = logsPaths.status(id);
    for await (const { cause, data, stat } of this.client.watch(path, { kind: 'data', signal })) {
      this.cost.reads += 1;
      if (cause === 'event') this.cost.notifications += 1;
      this.latest.set(id, data === null || stat === null ? NO_REPORT : readReport(data, Number(stat.mtime), path));
    }
  }
}

/** A report that makes no sense is still a sign of life. */
function readReport(data: Buffer, reportedAtMs: number, path: string): Report {
  try {
    return { status: readPayload.status(data, path), reportedAtMs };
  } catch (error) {
    if (!isLogsError(error, 'LOGS_BAD_PAYLOAD')) throw error;
    return { status: null, reportedAtMs };
  }
}
