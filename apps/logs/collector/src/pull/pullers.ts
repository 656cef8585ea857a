/** The sources that are collected here now. */
import { Inject, Injectable } from '@nestjs/common';
import { logsPaths, LogsError, readPayload } from '@menagerie/logs-core';
import { ZooKeeperLink } from '@menagerie/logs-nest';
import { FileSink, KafkaSink, type Sink } from '@menagerie/logs-sink';
import { LOGGER, type Logger, METRICS, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { isNoNode } from '@menagerie/zookeeper-client';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { CollectorConfig, SinkName } from '../config.js';
import { PauseGuard } from '../duty/pause-guard.js';
import { Collection } from './collection.js';
import { Puller } from './puller.js';

/** An agent's address is asked for before each connection; without an ensemble the last one is used. */
const ADDRESS_MS = 2_000;

@Injectable()
export class Pullers {
  /** Written to the first sink. */
  lines = 0;
  /** How often a sink has said that somebody with a later generation has a source. */
  refusals = 0;
  private readonly collections = new Map<string, Collection>();
  private readonly addresses = new Map<string, string>();
  private readonly sinks: ReadonlyMap<SinkName, Sink>;
  private readonly counters: Counters;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ZooKeeperLink) private readonly link: ZooKeeperLink,
    @Inject(PauseGuard) private readonly guard: PauseGuard,
    @Inject(ShutdownOrder) order: ShutdownOrder,
    @Inject(METRICS) registry: Registry,
  ) {
    this.sinks = new Map(config.sinks.map((name) => [name, makeSink(name, config)]));
    this.counters = countersOf(registry, this.collections);
    order.add('drain', 'pullers', async () => {
      await this.keepOnly(new Set());
      for (const sink of this.sinks.values()) await sink.close();
    });
  }

  all(): ReadonlyMap<string, Collection> {
    return this.collections;
  }

  /** Stops all others; resolves when nothing of them writes any more. */
  async keepOnly(sources: ReadonlySet<string>): Promise<void> {
    const leaving = [...this.collections].filter(([source]) => !sources.has(source));
    await Promise.all(leaving.map(([, collection]) => collection.stop()));
    for (const [source] of leaving) this.collections.delete(source);
  }

  /** Starts it unless it runs; one that was fenced runs again if the list is a later one. */
  async collect(source: string, gen: number): Promise<void> {
    const known = this.collections.get(source);
    if (known !== undefined && !(known.fenced && known.gen < gen)) return;
    await known?.stop();
    const pullers = [...this.sinks].map(([name, sink]) => [name, this.puller(source, gen, name, sink)] as const);
    const collection = new Collection(new Map(pullers));
    this.collections.set(source, collection);
    collection.start();
  }

  private puller(source: string, gen: number, name: SinkName, sink: Sink): Puller {
    const logger = this.logger.child({ source, gen, sink: name });
    const { batchBytes, lingerMs, sinks } = this.config;
    const labels = { sink: name };
    return new Puller({
      source,
      gen,
      sink,
      batchBytes,
      lingerMs,
      agentAddress: () => this.addressOf(source),
      mayWrite: () => this.guard.clear,
      onBatch: ({ lines, bytes }) => {
        if (name === sinks[0]) this.lines += lines;
        this.counters.lines.inc(labels, lines);
        this.counters.bytes.inc(labels, bytes.length);
        this.counters.batches.inc(labels);
      },
      onEvent: (event, fields) => {
        if (event === 'fenced') this.refusals += 1;
        logger[event === 'trouble' ? 'warn' : 'info']({ ...fields }, event);
      },
    });
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

function makeSink(name: SinkName, config: CollectorConfig): Sink {
  if (name === 'files') return new FileSink(config.sinkDir);
  const { brokers, topic, partitions, replicas } = config.kafka;
  return new KafkaSink({ brokers, topic, partitions, replicas, clientId: `logs-${config.collectorId}` });
}

interface Counters {
  readonly lines: Counter;
  readonly bytes: Counter;
  readonly batches: Counter;
}

function countersOf(registry: Registry, collections: ReadonlyMap<string, Collection>): Counters {
  const registers = [registry];
  const labelNames = ['sink'];
  const sum = (value: (collection: Collection) => number): number =>
    [...collections.values()].reduce((total, collection) => total + value(collection), 0);
  const gauge = (name: string, help: string, value: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('logs_collector_sources', 'Sources that are collected here', () => collections.size);
  gauge('logs_collector_lag_bytes', 'Bytes that agents have and the sink has not', () => sum((one) => one.lagBytes));
  gauge('logs_collector_lost_bytes', 'Bytes that were gone before they were collected', () =>
    sum((one) => one.lostBytes),
  );
  gauge('logs_collector_troubled', 'Sources that are not collected at the moment', () =>
    sum((one) => (one.trouble === null ? 0 : 1)),
  );
  return {
    lines: new Counter({ name: 'logs_collector_lines', help: 'Lines written', registers, labelNames }),
    bytes: new Counter({
      name: 'logs_collector_bytes',
      help: 'Bytes written, before compression',
      registers,
      labelNames,
    }),
    batches: new Counter({ name: 'logs_collector_batches', help: 'Batches written', registers, labelNames }),
  };
}
