/** What a console reads from its environment. */
import { DEFAULT_VIEW } from '@menagerie/platform-core';
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface ConsoleConfig extends PatternConfig {
  readonly holdMs: number;
}

export const consoleConfig = z
  .object({ ...patternEnv, CONSOLE_HOLD_MS: env.integer(0, 600_000).default(DEFAULT_VIEW.holdMs) })
  .transform((e): ConsoleConfig => ({ ...patternSettings(e), holdMs: e.CONSOLE_HOLD_MS }));
