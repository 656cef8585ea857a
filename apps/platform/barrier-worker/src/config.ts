/** What a party reads from its environment. */
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface BarrierWorkerConfig extends PatternConfig {
  readonly run: string;
  readonly parties: number;
  readonly shares: number;
  readonly share: number;
  readonly file: string;
  readonly paceMs: number;
}

const MAX_PARTIES = 64;

export const barrierWorkerConfig = z
  .object({
    ...patternEnv,
    BARRIER_RUN: z.string().regex(/^[\w-]{1,64}$/, 'expected a word'),
    BARRIER_PARTIES: env.integer(1, MAX_PARTIES),
    BARRIER_SHARES: env.integer(1, MAX_PARTIES).optional(),
    BARRIER_SHARE: env.integer(0, MAX_PARTIES - 1),
    BARRIER_FILE: env.text(),
    BARRIER_PACE_MS: env.integer(0, 60_000).default(0),
  })
  .transform((e): BarrierWorkerConfig => ({
    ...patternSettings(e),
    run: e.BARRIER_RUN,
    parties: e.BARRIER_PARTIES,
    shares: e.BARRIER_SHARES ?? e.BARRIER_PARTIES,
    share: e.BARRIER_SHARE,
    file: e.BARRIER_FILE,
    paceMs: e.BARRIER_PACE_MS,
  }));
