/** What a config center reads from its environment. */
import { credentialsIn, patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface ConfigCenterConfig extends PatternConfig {
  /** `user:password` of the digest scheme: who may write, and read secrets. */
  readonly credentials: string;
}

export const configCenterConfig = z
  .object({ ...patternEnv, CONFIG_SECRET_FILE: env.text() })
  .transform((e, context): ConfigCenterConfig => {
    try {
      return { ...patternSettings(e), credentials: credentialsIn(e.CONFIG_SECRET_FILE, 'center') };
    } catch (error) {
      const message = `expected a file that can be read or made: ${(error as Error).message}`;
      context.addIssue({ code: 'custom', path: ['CONFIG_SECRET_FILE'], message });
      return z.NEVER;
    }
  });
