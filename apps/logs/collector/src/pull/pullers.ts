/** The sources that are collected here now. */
import { Inject, Injectable } from '@nestjs/common';
import { logsPaths, LogsError, readPayload } from '@menagerie/logs-core';
import { ZooKeeperLink } from '@menagerie/logs-nest';
import { FileSink } from '@menagerie/logs-sink';
import { LOGGER, type Logger, METRICS, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { isNoNode } from '@menagerie/zookeeper-client';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { CollectorConfig } from '../config.js';
import { PauseGuard } from '../duty/pause-guard.js';
import { Puller } from './puller.js';

/** An agent's address is asked for before each connection; without an ensemble the last one is used. */
const ADDRESS_MS = 2_000;

@Injectable()
export class Pullers {
  lines = 0;
  /** How often the sink has said that somebody with a later generation has a source. */
  refusals = 0;
  private readonly pullers = new Map<string, Puller>();
  private readonly addresses = new Map<string, string>();
  private readonly sink: FileSink;
  private readonly counters: { readonly lines: Counter; readonly bytes: Counter; readonly batches: Counter };

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ZooKeeperLink) private readonly link: ZooKeeperLink,
    @Inject(PauseGuard) private readonly guard: PauseGuard,
    @Inject(ShutdownOrder) order: ShutdownOrder,
    @Inject(METRICS) registry: Registry,
  ) {
    this.sink = new FileSink(config.sinkDir);
    this.counters = countersOf(registry, this.pullers);
    order.add('drain', 'pullers', () => this.keepOnly(new Set()));
  }

  get(source: string): Puller | undefined {
    return this.pullers.get(source);
  }

  all(): ReadonlyMap<string, Puller> {
    return this.pullers;
  }

  /** Stops all others; resolves when nothing of them writes any more. */
  async keepOnly(sources: ReadonlySet<string>): Promise<void> {
    const leaving = [...this.pullers].filter(([source]) => !sources.has(source));
    await Promise.all(leaving.map(([, puller]) => puller.stop()));
    for (const [source] of leaving) this.pullers.delete(source);
  }

  /** Starts it unless it runs; one that was fenced runs again if the list is a later one. */
  async collect(source: string, gen: number): Promise<void> {
    const known = this.pullers.get(source);
    if (known !== undefined && !(known.fenced && known.gen < gen)) return;
    await known?.stop();
    const logger = this.logger.child({ source, gen });
    const { batchBytes, lingerMs } = this.config;
    const puller = new Puller({
      source,
      gen,
      sink: this.sink,
      batchBytes,
      lingerMs,
      agentAddress: () => this.addressOf(source),
      mayWrite: () => this.guard.clear,
      onBatch: ({ lines, bytes }) => {
        this.lines += lines;
        this.counters.lines.inc(lines);
        this.counters.bytes.inc(bytes.length);
        this.counters.batches.inc();
      },
      onEvent: (event, fields) => {
        if (event === 'fenced') this.refusals += 1;
        logger[event === 'trouble' ? 'warn' : 'info']({ ...fields }, event);
      },
    });
    this.pullers.set(source, puller);
    puller.start();
  }

  private async addressOf(source: string): Promise<string> {
    const path = logsPaths.source(source);
    try {
      const client = this.link.client;
      if (client === null) throw new LogsError('LOGS_AGENT_UNREACHABLE', `${source}: no session yet`, true);
      const { data } = await client.getData(path, { timeoutMs: ADDRESS_MS });
      const { agent } = readPayload.source(data, path);
      this.addresses.set(source, agent);
      return agent;
    } catch (error) {
      if (isNoNode(error)) throw new LogsError('LOGS_AGENT_UNREACHABLE', `${path}: there is no such source`, true);
      const last = this.addresses.get(source);
      if (last === undefined) throw error;
      return last;
    }
  }
}

function countersOf(registry: Registry, pullers: ReadonlyMap<string, Puller>) {
  const registers = [registry];
  const sum = (value: (puller: Puller) => number): number =>
    [...pullers.values()].reduce((total, puller) => total + value(puller), 0);
  const gauge = (name: string, help: string, value: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('logs_collector_sources', 'Sources that are collected here', () => pullers.size);
  gauge('logs_collector_lag_bytes', 'Bytes that agents have and the sink has not', () => sum((one) => one.lagBytes));
  gauge('logs_collector_lost_bytes', 'Bytes that were gone before they were collected', () =>
    sum((one) => one.lostBytes),
  );
  gauge('logs_collector_troubled', 'Sources that are not collected at the moment', () =>
    sum((one) => (one.trouble === null ? 0 : 1)),
  );
  return {
    lines: new Counter({ name: 'logs_collector_lines', help: 'Lines written to the sink', registers }),
    bytes: new Counter({
      name: 'logs_collector_bytes',
      help: 'Bytes written to the sink, before compression',
      registers,
    }),
    batches: new Counter({ name: 'logs_collector_batches', help: 'Batches written to the sink', registers }),
  };
}
