/** The time for which one allocator leads: poll, decide, write, again. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AllocatorEvent,
  type CollectorView,
  DEFAULT_SETTINGS,
  formatAssignment,
  type FeedCost,
  FRESH_ALLOCATOR,
  type ListWrite,
  LogsError,
  logsPaths,
  type Poll,
  type ReignView,
  type Settings,
  stepAllocator,
  unevenness,
  Verdict,
} from '@menagerie/logs-core';
import type { Logger } from '@menagerie/service';
import { isBadVersion, isNoNode, type MultiOp, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { PollFeed, type StatusFeed, WatchFeed } from '../feed/status-feed.js';
import { ClockNode } from './clock-node.js';
import { ClusterReader } from './cluster-reader.js';
import type { EventLog } from './event-log.js';
import { HistoryKeeper } from './history-keeper.js';

/** Of the lists in one transaction; with the entry of the history it stays below what a server takes (1 MiB). */
const MAX_LIST_BYTES = 400_000;

const MAX_CAUSES = 100;

export class Reign {
  private state = FRESH_ALLOCATOR;
  private polls = 0;
  private writes = 0;
  private conflicts = 0;
  private inTransit = 0;
  private last: Poll | null = null;
  private settings: Settings = DEFAULT_SETTINGS;
  private readonly cost: FeedCost = { reads: 0, notifications: 0 };
  private feed: StatusFeed;
  private readonly reader: ClusterReader;
  /** What has happened since lists were written last. */
  private causes: readonly AllocatorEvent[] = [];
  /** What was complained about already. */
  private readonly troubles = new Set<string>();

  private constructor(
    private readonly client: ZooKeeperClient,
    private readonly clock: ClockNode,
    private readonly history: HistoryKeeper,
    private readonly events: EventLog,
    private readonly logger: Logger,
  ) {
    this.feed = new PollFeed(client, this.cost);
    this.reader = new ClusterReader(client, (path, why) => this.complain(path, why));
  }

  static async begin(client: ZooKeeperClient, id: string, events: EventLog, logger: Logger): Promise<Reign> {
    await client.mkdirp(logsPaths.collectors);
    await client.mkdirp(logsPaths.sources);
    const clock = await ClockNode.takeOver(client, id);
    const history = new HistoryKeeper(client, id);
    await history.begin();
    return new Reign(client, clock, history, events, logger);
  }

  /** Until the signal. @throws LogsError `LOGS_NOT_LEADER` when a successor is at work, and what the ensemble throws */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const beganMs = performance.now();
        await this.once();
        const restMs = this.settings.pollMs - (performance.now() - beganMs);
        if (restMs > 0) await sleep(restMs, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      await this.feed.close();
    }
  }

  /** Makes the next poll allocate as if everything had changed. */
  rebalance(): void {
    this.state = { ...this.state, allocatedFor: null, balancedAtMs: 0, movedAtMs: new Map() };
  }

  view(): ReignView {
    const poll = this.last;
    const owned = new Set<string>();
    const collectors = [...(poll?.collectors ?? [])].map(([id, { list, status, reportedAtMs }]): CollectorView => {
      for (const source of [...list.sources, ...list.revoking]) owned.add(source);
      return {
        id,
        verdict: this.state.liveness.pulses.get(id)?.verdict ?? Verdict.unproven,
        list,
        load: status?.load ?? 0,
        lagBytes: status?.lagBytes ?? 0,
        reportAgeMs: reportedAtMs === 0 || poll === null ? null : Math.max(0, poll.nowMs - reportedAtMs),
      };
    });
    return {
      polls: this.polls,
      moves: this.state.moves,
      writes: this.writes,
      conflicts: this.conflicts,
      inTransit: this.inTransit,
      frozen: this.state.liveness.frozenSinceMs !== null,
      imbalance: poll === null ? 1 : unevenness(this.livingOnly(poll), this.state),
      cost: { ...this.cost },
      settings: this.settings,
      collectors,
      unassigned: [...(poll?.sources.keys() ?? [])].filter((source) => !owned.has(source)),
      sources: poll?.sources.size ?? 0,
    };
  }

  /**
   * Marks a collector to be emptied, or not to be any more.
   * @throws LogsError `LOGS_BAD_REQUEST` when there is no such collector
   */
  async drain(id: string, draining: boolean): Promise<void> {
    const collector = this.collector(id);
    await this.write([{ collector: id, version: collector.version, list: { ...collector.list, draining } }], []);
  }

  /**
   * Takes a collector's nodes away for good.
   * @throws LogsError `LOGS_BAD_REQUEST` while it has sources: drain it first
   */
  async decommission(id: string): Promise<void> {
    const { list, version } = this.collector(id);
    const left = list.sources.length + list.revoking.length;
    if (left > 0) throw new LogsError('LOGS_BAD_REQUEST', `${id}: expected an empty list, got ${left} sources`, false);
    const path = logsPaths.collector(id);
    try {
      await this.client.delete(logsPaths.status(id));
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
    const gone = this.history.gone(this.last?.nowMs ?? 0, id, list.gen);
    await this.client.multi([this.clock.check(), { kind: 'delete', path, version }, gone]);
  }

  private collector(id: string) {
    const collector = this.last?.collectors.get(id);
    if (collector !== undefined) return collector;
    throw new LogsError('LOGS_BAD_REQUEST', `expected a collector, got ${id}`, false);
  }

  private async once(): Promise<void> {
    const nowMs = await this.clock.tick();
    await this.follow(await this.reader.settings());
    const poll = await this.reader.poll(nowMs, this.settings, this.feed);
    this.polls += 1;
    this.last = poll;
    const step = stepAllocator(this.state, poll);
    const causes = [...this.causes, ...step.events];
    if (step.writes.length > 0 && !(await this.tryToWrite(step.writes, causes))) return;
    // A death is told polls before anything moves for it.
    this.causes = step.writes.length > 0 ? [] : causes.slice(-MAX_CAUSES);
    // Only now: what was not written has not been decided.
    this.state = step.state;
    this.inTransit = step.inTransit;
    for (const event of step.events) this.events.add(event);
    await this.history.shorten(() => this.clock.check());
  }

  /** @returns false when a list was changed by somebody else since it was read */
  private async tryToWrite(writes: readonly ListWrite[], events: readonly AllocatorEvent[]): Promise<boolean> {
    try {
      await this.write(writes, events);
      return true;
    } catch (error) {
      if (!isBadVersion(error) && !isNoNode(error)) throw error;
      // Either a list has changed, or the clock: then the next tick says that we do not lead.
      this.conflicts += 1;
      return false;
    }
  }

  /** All lists in one transaction; should that be too large, what is taken away goes before what is given. */
  private async write(writes: readonly ListWrite[], events: readonly AllocatorEvent[]): Promise<void> {
    const sorted = [...writes].sort((a, b) => b.list.revoking.length - a.list.revoking.length);
    const atMs = this.last?.nowMs ?? 0;
    for (let from = 0; from < sorted.length;) {
      const ops: MultiOp[] = [this.clock.check()];
      let bytes = 0;
      const first = from;
      for (; from < sorted.length; from++) {
        const { collector, version, list } = sorted[from] as ListWrite;
        const data = formatAssignment(list);
        if (from > first && bytes + data.length > MAX_LIST_BYTES) break;
        bytes += data.length;
        ops.push({ kind: 'set-data', path: logsPaths.collector(collector), data, version });
      }
      ops.push(this.history.entry(atMs, sorted.slice(first, from), events));
      await this.client.multi(ops);
    }
    this.writes += writes.length;
  }

  private async follow(settings: Settings): Promise<void> {
    if (settings.mode !== this.settings.mode) {
      await this.feed.close();
      this.feed =
        settings.mode === 'watch' ? new WatchFeed(this.client, this.cost) : new PollFeed(this.client, this.cost);
    }
    this.settings = settings;
  }

  private livingOnly(poll: Poll): Poll {
    const living = [...poll.collectors].filter(([id]) => this.state.liveness.pulses.get(id)?.verdict === Verdict.alive);
    return { ...poll, collectors: new Map(living) };
  }

  private complain(path: string, why: string): void {
    if (this.troubles.has(why) || this.troubles.size > 1_000) return;
    this.troubles.add(why);
    this.logger.error({ path, why }, 'a node makes no sense and is passed over');
  }
}
