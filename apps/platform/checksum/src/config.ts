/** What a worker reads from its environment. */
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface ChecksumConfig extends PatternConfig {
  readonly paceMs: number;
}

export const checksumConfig = z
  .object({ ...patternEnv, CHECKSUM_PACE_MS: env.integer(0, 60_000).default(0) })
  .transform((e): ChecksumConfig => ({ ...patternSettings(e), paceMs: e.CHECKSUM_PACE_MS }));
