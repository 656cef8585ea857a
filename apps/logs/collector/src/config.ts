/** What a collector reads from its environment. */
import { isName } from '@menagerie/logs-core';
import { env, serviceEnv, serviceSettings, type ServiceConfig } from '@menagerie/service';
import { z } from 'zod';

export interface CollectorConfig extends ServiceConfig {
  /** Its name in the tree: `host1`. */
  readonly collectorId: string;
  readonly zkConnect: string;
  readonly sessionTimeoutMs: number;
  /** Folder of the sink, which all collectors share. */
  readonly sinkDir: string;
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

export const collectorConfig = z
  .object({
    ...serviceEnv,
    COLLECTOR_ID: env.text().refine(isName, 'expected letters, digits, dots, dashes and underscores'),
    COLLECTOR_HTTP_PORT: env.port(),
    COLLECTOR_SINK_DIR: env.text(),
    COLLECTOR_REPORT_MS: env.millis(600_000).default(2_000),
    COLLECTOR_BATCH_BYTES: env.integer(1_024, 16_777_216).default(2_097_152),
    COLLECTOR_LINGER_MS: env.millis(60_000).default(250),
    COLLECTOR_CAPACITY: env.integer(1, 1_000_000).default(100),
    COLLECTOR_PAUSE_MS: env.millis(600_000).default(3_000),
    ZK_CONNECT: env.zkConnect(),
    ZK_SESSION_TIMEOUT_MS: env.millis(600_000).default(6_000),
  })
  .transform((e): CollectorConfig => ({
    ...serviceSettings(e, e.COLLECTOR_HTTP_PORT),
    collectorId: e.COLLECTOR_ID,
    zkConnect: e.ZK_CONNECT,
    sessionTimeoutMs: e.ZK_SESSION_TIMEOUT_MS,
    sinkDir: e.COLLECTOR_SINK_DIR,
    reportMs: e.COLLECTOR_REPORT_MS,
    batchBytes: e.COLLECTOR_BATCH_BYTES,
    lingerMs: e.COLLECTOR_LINGER_MS,
    capacity: e.COLLECTOR_CAPACITY,
    pauseMs: e.COLLECTOR_PAUSE_MS,
  }));
