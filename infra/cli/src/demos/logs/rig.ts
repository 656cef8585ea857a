/** What the demos of log collection share: programs that log, who collects them, and the count of every line. */
import { setMaxListeners } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogsClient } from '@menagerie/logs-client';
import type { DutiesView, ReignView, Settings } from '@menagerie/logs-core';
import { collectedSource, collectedSources } from '@menagerie/logs-sink';
import { checkLines, LineWriter } from '@menagerie/logs-testing';
import { findProcess, logsIncomingDir, logsSinkDir } from '@menagerie/topology';
import { logsClient } from '../../status/logs-status.js';
import type { DemoContext } from '../demo.js';
import { until } from '../until.js';
import { writeUntil } from './write-until.js';

/** So that a demo takes seconds; what it found is put back in the end. */
const QUICK: Partial<Settings> = {
  policy: 'local',
  mode: 'poll',
  pollMs: 500,
  silentAfterMs: 3_500,
  moveDelayMs: 2_000,
  debounceMs: 1_000,
};
const SETTLED_MS = 60_000;
const COLLECTED_MS = 60_000;
const AGENT = 'agent2';

export interface RigOptions {
  /** Default 12. */
  readonly sources?: number;
  readonly settings?: Partial<Settings>;
}

export class LogsRig implements AsyncDisposable {
  private readonly writing = new AbortController();
  private readonly load: Promise<unknown>;

  private constructor(
    private readonly context: DemoContext,
    readonly client: LogsClient,
    private readonly before: Settings,
    private readonly writers: readonly LineWriter[],
    private readonly folder: string,
    private readonly prefix: string,
  ) {
    // Each program waits by it.
    setMaxListeners(writers.length + 1, this.writing.signal);
    this.load = Promise.all(writers.map((writer) => writeUntil(writer, this.writing.signal, context.signal)));
  }

  /** Starts programs that log, and waits until every one of their logs has a collector. */
  static async open(context: DemoContext, { sources = 12, settings = {} }: RigOptions = {}): Promise<LogsRig> {
    const client = logsClient(context.plan);
    const { settings: before } = await client.reign();
    await client.configure({ ...QUICK, ...settings });
    const folder = logsIncomingDir(context.plan.settings.dataRoot);
    mkdirSync(folder, { recursive: true });
    const prefix = `demo-${Date.now().toString(36)}`;
    const writers = Array.from({ length: sources }, (_, index) => {
      const name = `${prefix}-${index + 1}`;
      const path = join(folder, `${name}.log`);
      writeFileSync(path, '');
      return new LineWriter({ source: `${AGENT}.${name}`, path, random: Math.random });
    });
    const rig = new LogsRig(context, client, before, writers, folder, prefix);
    try {
      await rig.settled();
    } catch (error) {
      await rig[Symbol.asyncDispose]();
      throw error;
    }
    context.mark(
      `${sources} programs log, each into a file of its own, collected by ${rig.describe(await rig.owners())}`,
    );
    return rig;
  }

  get sinkDir(): string {
    return logsSinkDir(this.context.plan.settings.dataRoot);
  }

  get written(): number {
    return this.writers.reduce((sum, { written }) => sum + written, 0);
  }

  reign(): Promise<ReignView & { readonly leader: string }> {
    return this.client.reign();
  }

  async duties(collector: string): Promise<DutiesView> {
    const { host, ports } = findProcess(this.context.plan, collector);
    return await this.client.duties(`${host}:${ports['http']}`);
  }

  /** Our own sources and their collectors, by the lists. */
  async owners(): Promise<ReadonlyMap<string, string>> {
    const { collectors } = await this.reign();
    const own = new Set(this.writers.map(({ source }) => source));
    return new Map(
      collectors.flatMap(({ id, list }) =>
        list.sources.filter((source) => own.has(source)).map((source) => [source, id] as const),
      ),
    );
  }

  /** Waits until all sources have collectors and nothing is on its way. */
  async settled(): Promise<ReadonlyMap<string, string>> {
    const { signal } = this.context;
    return await until('a collector for every source', { timeoutMs: SETTLED_MS, signal }, async () => {
      const [owners, { unassigned, inTransit }] = [await this.owners(), await this.reign()];
      const done = owners.size === this.writers.length && unassigned.length === 0 && inTransit === 0;
      return done ? owners : undefined;
    });
  }

  /** Lines at the sink now. */
  async collectedLines(): Promise<number> {
    const found = await Promise.all(this.writers.map(({ source }) => collectedSource(this.sinkDir, source)));
    return found.reduce((sum, one) => sum + (one?.lines ?? 0), 0);
  }

  /** The generation by which each of our sources is owned at the sink. */
  async sinkGenerations(): Promise<ReadonlyMap<string, number>> {
    return new Map((await collectedSources(this.sinkDir)).map(({ source, gen }) => [source, gen]));
  }

  /** Ends the programs, waits for the last line, and states whether every one of them is at the sink once and in order. */
  async verifyLines(): Promise<void> {
    const { verify, signal, mark } = this.context;
    this.writing.abort();
    await this.load;
    for (const writer of this.writers) writer.finish();
    const check = () =>
      Promise.all(this.writers.map(({ source, written }) => checkLines(this.sinkDir, source, written)));
    await until('every line at the sink', { timeoutMs: COLLECTED_MS, signal, everyMs: 300 }, async () =>
      (await check()).every(({ missing }) => missing === 0) ? true : undefined,
    ).catch(() => undefined);
    const checks = await check();
    const sum = (what: 'lines' | 'missing' | 'duplicates' | 'outOfOrder' | 'damaged'): number =>
      checks.reduce((total, one) => total + one[what], 0);
    mark(`the programs have ended; ${sum('lines')} lines are at the sink`);
    verify(
      'every line that was written is at the sink, once and in order',
      sum('missing') + sum('duplicates') + sum('outOfOrder') + sum('damaged') === 0 && sum('lines') === this.written,
      `${this.written} written, ${sum('lines')} there: ${sum('missing')} missing, ${sum('duplicates')} twice, ` +
        `${sum('outOfOrder')} out of order, ${sum('damaged')} damaged`,
    );
  }

  /** `collector1 4, collector2 4, collector3 4` */
  describe(owners: ReadonlyMap<string, string>): string {
    const counts = new Map<string, number>();
    for (const owner of owners.values()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    return [...counts]
      .sort()
      .map(([id, count]) => `${id} ${count}`)
      .join(', ');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.writing.abort();
    await this.load;
    await this.client.configure(this.before).catch(() => undefined);
    for (const { source } of this.writers) await this.client.forget(source).catch(() => undefined);
    for (const name of existsSync(this.folder) ? readdirSync(this.folder) : []) {
      if (name.startsWith(this.prefix)) rmSync(join(this.folder, name), { force: true });
    }
  }
}

/** How many sources have another collector than before. */
export function moved(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  return [...after].filter(([source, owner]) => before.has(source) && before.get(source) !== owner).length;
}

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** A collector that has something of ours. */
export function busyCollector(owners: ReadonlyMap<string, string>): string {
  const [owner] = [...owners.values()].sort();
  if (owner === undefined) throw new Error('expected a source with a collector');
  return owner;
}
