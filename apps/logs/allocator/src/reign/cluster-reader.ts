/** Reads what one poll needs. Lists are read each time, they are the truth; where sources are served changes seldom. */
import {
  type CollectorPoll,
  DEFAULT_SETTINGS,
  isLogsError,
  isName,
  logsPaths,
  NOTHING,
  type Poll,
  readPayload,
  type Settings,
  type Source,
} from '@menagerie/logs-core';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { NO_REPORT, type StatusFeed } from '../feed/status-feed.js';

/** Unchanged children are believed for so long. */
const SOURCES_EVERY_MS = 10_000;
/** A tree with more in it than this is not ours to read. */
const MAX_COLLECTORS = 5_000;

export class ClusterReader {
  private sources: ReadonlyMap<string, Source> = new Map();
  private sourcesVersion = -1;
  private sourcesAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly client: ZooKeeperClient,
    private readonly onTrouble: (path: string, why: string) => void,
  ) {}

  async settings(): Promise<Settings> {
    const node = await this.read(logsPaths.settings);
    if (node === null) return DEFAULT_SETTINGS;
    return this.understood(() => readPayload.settings(node.data, logsPaths.settings), DEFAULT_SETTINGS);
  }

  async poll(nowMs: number, settings: Settings, feed: StatusFeed): Promise<Poll> {
    const ids = (await this.children(logsPaths.collectors)).names.slice(0, MAX_COLLECTORS);
    const [lists, reports] = await Promise.all([
      Promise.all(ids.map((id) => this.read(logsPaths.collector(id)))),
      feed.reports(ids),
      this.readSources(nowMs),
    ]);
    const collectors = new Map<string, CollectorPoll>();
    for (const [at, id] of ids.entries()) {
      const node = lists[at];
      // Gone since the children were read.
      if (node === null || node === undefined) continue;
      const path = logsPaths.collector(id);
      const list = this.understood(() => readPayload.assignment(node.data, path), NOTHING);
      const { status, reportedAtMs } = reports.get(id) ?? NO_REPORT;
      collectors.set(id, { version: node.version, list, status, reportedAtMs });
    }
    return { nowMs, settings, collectors, sources: this.sources };
  }

  private async readSources(nowMs: number): Promise<void> {
    const { names, version } = await this.children(logsPaths.sources);
    if (version === this.sourcesVersion && nowMs - this.sourcesAtMs < SOURCES_EVERY_MS) return;
    const nodes = await Promise.all(names.map((name) => this.read(logsPaths.source(name))));
    const sources = new Map<string, Source>();
    for (const [at, name] of names.entries()) {
      const node = nodes[at];
      if (node === null || node === undefined) continue;
      const source = this.understood<Source | null>(() => readPayload.source(node.data, logsPaths.source(name)), null);
      if (source !== null) sources.set(name, source);
    }
    this.sources = sources;
    this.sourcesVersion = version;
    this.sourcesAtMs = nowMs;
  }

  private async children(path: string): Promise<{ names: readonly string[]; version: number }> {
    try {
      const { children, stat } = await this.client.getChildren(path);
      return { names: children.filter(isName).sort(), version: stat.cversion };
    } catch (error) {
      if (isNoNode(error)) return { names: [], version: -1 };
      throw error;
    }
  }

  private async read(path: string): Promise<{ data: Buffer; version: number } | null> {
    try {
      const { data, stat } = await this.client.getData(path);
      return { data, version: stat.version };
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  /** What somebody's hand has broken is said and passed over: one bad node must not stop the rest. */
  private understood<T>(read: () => T, otherwise: T): T {
    try {
      return read();
    } catch (error) {
      if (!isLogsError(error, 'LOGS_BAD_PAYLOAD')) throw error;
      this.onTrouble(error.message.split(':')[0] ?? '', error.message);
      return otherwise;
    }
  }
}
