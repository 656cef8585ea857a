/** What a collector reads from its environment. */
import { isName } from '@menagerie/logs-core';
import { env, serviceEnv, serviceSettings, type ServiceConfig } from '@menagerie/service';
import { z } from 'zod';

export const SINKS = ['files', 'kafka'] as const;
export type SinkName = (typeof SINKS)[number];

export interface CollectorConfig extends ServiceConfig {
  /** Its name in the tree: `host1`. */
  readonly collectorId: string;
  /** Where this machine stands; sources of the same rack are preferred. */
  readonly rack?: string;
  readonly zkConnect: string;
  readonly sessionTimeoutMs: number;
  /** Where lines go; each source goes into all of them. */
  readonly sinks: readonly SinkName[];
  /** Folder of the sink of files, which all collectors share. */
  readonly sinkDir: string;
  /** The topic that is the other sink; partitions and replicas when it has to be made. */
  readonly kafka: {
    /** `host:port`; some of them are enough. */
    readonly brokers: readonly string[];
    readonly topic: string;
    readonly partitions: number;
    readonly replicas: number;
  };
  /** Between two reports. */
  readonly reportMs: number;
  /** A batch goes when it is as large, */
  readonly batchBytes: number;
  /** or when its first byte has waited for so long. */
  readonly lingerMs: number;
  /** The weight that this machine can carry: 1 for each source, and 1 more for each 200 lines a second. */
  readonly capacity: number;
  /** Two looks at the clock further apart than this: the process was stopped in between. */
  readonly pauseMs: number;
}

/** `a, b` */
const toList = (text: string): string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

export const collectorConfig = z
  .object({
    ...serviceEnv,
    COLLECTOR_ID: env.text().refine(isName, 'expected letters, digits, dots, dashes and underscores'),
    COLLECTOR_RACK: env.text().refine(isName, 'expected letters, digits, dots, dashes and underscores').optional(),
    COLLECTOR_HTTP_PORT: env.port(),
    COLLECTOR_SINKS: env
      .text()
      .default('files')
      .transform(toList)
      .pipe(z.array(z.enum(SINKS)).min(1).max(2)),
    COLLECTOR_SINK_DIR: env.text().default(''),
    COLLECTOR_KAFKA_BROKERS: z.string().max(4_096).default('').transform(toList),
    COLLECTOR_KAFKA_TOPIC: env.text().default('logs'),
    COLLECTOR_KAFKA_PARTITIONS: env.integer(1, 1_000).default(6),
    COLLECTOR_KAFKA_REPLICAS: env.integer(1, 9).default(3),
    COLLECTOR_REPORT_MS: env.millis(600_000).default(2_000),
    COLLECTOR_BATCH_BYTES: env.integer(1_024, 16_777_216).default(2_097_152),
    COLLECTOR_LINGER_MS: env.millis(60_000).default(250),
    COLLECTOR_CAPACITY: env.integer(1, 1_000_000).default(100),
    COLLECTOR_PAUSE_MS: env.millis(600_000).default(3_000),
    ZK_CONNECT: env.zkConnect(),
    ZK_SESSION_TIMEOUT_MS: env.millis(600_000).default(6_000),
  })
  .refine((e) => !e.COLLECTOR_SINKS.includes('files') || e.COLLECTOR_SINK_DIR !== '', {
    path: ['COLLECTOR_SINK_DIR'],
    message: 'expected a folder, as files are a sink',
  })
  .refine((e) => !e.COLLECTOR_SINKS.includes('kafka') || e.COLLECTOR_KAFKA_BROKERS.length > 0, {
    path: ['COLLECTOR_KAFKA_BROKERS'],
    message: 'expected host:port,host:port, as Kafka is a sink',
  })
  .transform((e): CollectorConfig => ({
    ...serviceSettings(e, e.COLLECTOR_HTTP_PORT),
    collectorId: e.COLLECTOR_ID,
    ...(e.COLLECTOR_RACK === undefined ? {} : { rack: e.COLLECTOR_RACK }),
    zkConnect: e.ZK_CONNECT,
    sessionTimeoutMs: e.ZK_SESSION_TIMEOUT_MS,
    sinks: e.COLLECTOR_SINKS,
    sinkDir: e.COLLECTOR_SINK_DIR,
    kafka: {
      brokers: e.COLLECTOR_KAFKA_BROKERS,
      topic: e.COLLECTOR_KAFKA_TOPIC,
      partitions: e.COLLECTOR_KAFKA_PARTITIONS,
      replicas: e.COLLECTOR_KAFKA_REPLICAS,
    },
    reportMs: e.COLLECTOR_REPORT_MS,
    batchBytes: e.COLLECTOR_BATCH_BYTES,
    lingerMs: e.COLLECTOR_LINGER_MS,
    capacity: e.COLLECTOR_CAPACITY,
    pauseMs: e.COLLECTOR_PAUSE_MS,
  }));
