/** What a worker reads from its environment. */
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface WorkQueueConfig extends PatternConfig {
  readonly queue: string;
  readonly limit: number;
  readonly consumes: boolean;
  readonly workMs: number;
  readonly dataDir: string;
}

export const workQueueConfig = z
  .object({
    ...patternEnv,
    QUEUE_NAME: z
      .string()
      .regex(/^[\w-]{1,64}$/, 'expected a word')
      .default('work'),
    QUEUE_LIMIT: env.integer(1, 5_000).default(1_000),
    QUEUE_CONSUMES: env.flag().default(true),
    QUEUE_WORK_MS: env.integer(0, 60_000).default(5),
    DATA_DIR: env.text(),
  })
  .transform((e): WorkQueueConfig => ({
    ...patternSettings(e),
    queue: e.QUEUE_NAME,
    limit: e.QUEUE_LIMIT,
    consumes: e.QUEUE_CONSUMES,
    workMs: e.QUEUE_WORK_MS,
    dataDir: e.DATA_DIR,
  }));
