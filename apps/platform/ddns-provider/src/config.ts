/** What a provider reads from its environment. */
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface ProviderConfig extends PatternConfig {
  readonly app: string;
  readonly domain: string;
  readonly register: string;
  readonly reportMs: number;
}

export const providerConfig = z
  .object({
    ...patternEnv,
    PROVIDER_APP: env.text(),
    PROVIDER_DOMAIN: env.text(),
    PROVIDER_REGISTER: z.string().regex(/^http:\/\/\S+$/, 'expected http://host:port'),
    PROVIDER_REPORT_MS: env.millis(60_000).default(5_000),
  })
  .transform((e): ProviderConfig => ({
    ...patternSettings(e),
    app: e.PROVIDER_APP,
    domain: e.PROVIDER_DOMAIN,
    register: e.PROVIDER_REGISTER,
    reportMs: e.PROVIDER_REPORT_MS,
  }));
