/** All sources of this machine: those that are named, and every `*.log` of the folders that are. */
import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { isName, logsPaths, LogsError, readPayload } from '@menagerie/logs-core';
import { ZooKeeperLink } from '@menagerie/logs-nest';
import { HealthRegistry, LOGGER, type Logger, METRICS, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { isNoNode } from '@menagerie/zookeeper-client';
import { Gauge, type Registry } from 'prom-client';
import type { AgentConfig } from '../config.js';
import { SourceLog } from './source-log.js';

/** More files than this are not watched; the health says so. */
const MAX_SOURCES = 1_000;
const DISCOVER_EVERY_MS = 1_000;
/** A file of a folder that has been gone for so long is not watched any more; should it return, so does its memory. */
const FORGET_AFTER_MS = 60_000;
/** A stream that has lost its memory begins at the next multiple of this: no offset ever means two things. */
const FRESH_STEP = 2 ** 32;

@Injectable()
export class Sources implements OnApplicationBootstrap {
  private readonly logs = new Map<string, SourceLog>();
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private refused = 0;
  /** Told of each new one. */
  onFound: (log: SourceLog) => void = () => undefined;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: AgentConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ZooKeeperLink) private readonly link: ZooKeeperLink,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
    @Inject(METRICS) registry: Registry,
  ) {
    health.add('sources', () => ({
      state: this.refused > 0 ? 'degraded' : 'up',
      details: { watched: this.logs.size, notWatched: this.refused },
    }));
    order.add('drain', 'sources', () => this.stop());
    this.measure(registry);
  }

  onApplicationBootstrap(): void {
    mkdirSync(this.config.dataDir, { recursive: true });
    for (const { source, path } of this.config.files) this.add(source, path);
    this.loop = this.run();
  }

  all(): readonly SourceLog[] {
    return [...this.logs.values()];
  }

  /** @throws LogsError `LOGS_SOURCE_REFUSED` when this agent has no such source */
  get(source: string): SourceLog {
    const log = this.logs.get(source);
    if (log !== undefined) return log;
    throw new LogsError('LOGS_SOURCE_REFUSED', `expected a source of this agent, got ${source}`, true);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let discoveredAtMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const nowMs = performance.now();
      if (nowMs - discoveredAtMs >= DISCOVER_EVERY_MS) {
        await this.discover();
        await this.forgetMissing(nowMs);
        discoveredAtMs = nowMs;
      }
      await Promise.all(this.all().map((log) => log.look(performance.now())));
      await sleep(this.config.lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async discover(): Promise<void> {
    let refused = 0;
    for (const folder of this.config.folders) {
      const names = await readdir(folder).catch(() => [] as string[]);
      for (const name of names.filter((one) => one.endsWith('.log')).sort()) {
        const source = `${this.config.agentId}.${name.slice(0, -'.log'.length)}`;
        if (!isName(source)) refused += 1;
        else if (!this.logs.has(source) && !this.add(source, join(folder, name))) refused += 1;
      }
    }
    this.refused = refused;
  }

  private async forgetMissing(nowMs: number): Promise<void> {
    const named = new Set(this.config.files.map(({ source }) => source));
    for (const [source, { missingSinceMs }] of this.logs) {
      if (named.has(source) || missingSinceMs === null || nowMs - missingSinceMs < FORGET_AFTER_MS) continue;
      const log = this.logs.get(source);
      this.logs.delete(source);
      await log?.close();
      this.logger.info({ source }, 'its file is gone; it is not watched any more');
    }
  }

  private add(source: string, path: string): boolean {
    if (this.logs.size >= MAX_SOURCES) return false;
    const { dataDir: folder, maxRecordBytes, recordStart, rotationGraceMs, flushMs } = this.config;
    const logger = this.logger.child({ source });
    const log = new SourceLog({
      source,
      path,
      folder,
      maxRecordBytes,
      recordStart,
      rotationGraceMs,
      flushMs,
      freshBase: () => this.freshBase(source),
      onEvent: (event, fields) => logger.info({ ...fields, path }, event),
    });
    this.logs.set(source, log);
    this.onFound(log);
    return true;
  }

  /** Waits for the ensemble: beginning at 0 what others know up to 10^6 would lose as much. */
  private async freshBase(source: string): Promise<number> {
    const client = await this.link.first;
    try {
      const path = logsPaths.offset(source);
      const { offset } = readPayload.offset((await client.getData(path)).data, path);
      return offset === 0 ? 0 : (Math.floor(offset / FRESH_STEP) + 1) * FRESH_STEP;
    } catch (error) {
      if (isNoNode(error)) return 0;
      throw error;
    }
  }

  private async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await Promise.all(this.all().map((log) => log.close()));
  }

  private measure(registry: Registry): void {
    const gauge = (name: string, help: string, value: (log: SourceLog) => number): void => {
      const logs = (): readonly SourceLog[] => this.all();
      new Gauge({
        name,
        help,
        labelNames: ['source'],
        registers: [registry],
        collect() {
          for (const log of logs()) this.set({ source: log.source }, value(log));
        },
      });
    };
    gauge('logs_agent_end_offset', 'End of the stream of a source', (log) => log.end);
    gauge(
      'logs_agent_lost_bytes',
      'Bytes that were gone before anybody collected them',
      (log) => log.counters.lostBytes,
    );
    gauge('logs_agent_torn_records', 'Records that were cut for their length', (log) => log.counters.tornRecords);
    gauge('logs_agent_rotations', 'Rotations that were followed', (log) => log.counters.rotations);
    gauge('logs_agent_truncations', 'Truncations that were seen', (log) => log.counters.truncations);
    gauge('logs_agent_refused', '1 while a source cannot be served', (log) => (log.problem === null ? 0 : 1));
  }
}
