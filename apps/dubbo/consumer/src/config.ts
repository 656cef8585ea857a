/** What a consumer reads from its environment. */
import { BALANCERS, STRATEGIES } from '@menagerie/dubbo-cluster';
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface ConsumerConfig extends PatternConfig {
  /** For the lists that it starts from when there is no registry. */
  readonly dataDir: string;
  readonly cluster: (typeof STRATEGIES)[number];
  readonly loadbalance: (typeof BALANCERS)[number];
  /** Of each try. */
  readonly timeoutMs: number;
  readonly retries: number;
  readonly emptyProtection: boolean;
  readonly discovery: 'interface' | 'application';
}

const MAX_RETRIES = 10;

export const consumerConfig = z
  .object({
    ...patternEnv,
    DATA_DIR: env.text(),
    CONSUMER_CLUSTER: z.enum(STRATEGIES as [ConsumerConfig['cluster']]).default('failover'),
    CONSUMER_LOADBALANCE: z.enum(BALANCERS).default('random'),
    CONSUMER_TIMEOUT_MS: env.millis(60_000).default(1_000),
    CONSUMER_RETRIES: env.integer(0, MAX_RETRIES).default(2),
    CONSUMER_DISCOVERY: env.oneOf(['interface', 'application']).default('interface'),
    CONSUMER_EMPTY_PROTECTION: env.flag().default(true),
  })
  .transform((e): ConsumerConfig => ({
    ...patternSettings(e),
    dataDir: e.DATA_DIR,
    cluster: e.CONSUMER_CLUSTER,
    loadbalance: e.CONSUMER_LOADBALANCE,
    timeoutMs: e.CONSUMER_TIMEOUT_MS,
    retries: e.CONSUMER_RETRIES,
    emptyProtection: e.CONSUMER_EMPTY_PROTECTION,
    discovery: e.CONSUMER_DISCOVERY,
  }));
