/** What an ad server reads from its environment. */
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface AdServerConfig extends PatternConfig {
  readonly day: string;
  readonly visits: string;
  readonly sharedDir: string;
  readonly paceMs: number;
}

export const adServerConfig = z
  .object({
    ...patternEnv,
    // One clock decides the day, the same for all: UTC.
    AD_DAY: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d$/, 'expected yyyy-mm-dd')
      .default(() => new Date().toISOString().slice(0, 10)),
    AD_VISITS: env.text(),
    AD_SHARED_DIR: env.text(),
    AD_PACE_MS: env.integer(0, 60_000).default(0),
  })
  .transform((e): AdServerConfig => ({
    ...patternSettings(e),
    day: e.AD_DAY,
    visits: e.AD_VISITS,
    sharedDir: e.AD_SHARED_DIR,
    paceMs: e.AD_PACE_MS,
  }));
