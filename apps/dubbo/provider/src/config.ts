/** What a provider reads from its environment. */
import { join } from 'node:path';
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface ProviderConfig extends PatternConfig {
  /** Where it is called. */
  readonly rpcPort: number;
  readonly dataFile: string;
  readonly registerMode: 'interface' | 'instance' | 'all';
  /** What its URL says of it, beside the usual. */
  readonly parameters: Readonly<Record<string, string>>;
}

const MAX_WEIGHT = 10_000;
const PRODUCTS = join(import.meta.dirname, '../data/products.json');

export const providerConfig = z
  .object({
    ...patternEnv,
    DUBBO_PORT: env.port(),
    PROVIDER_DATA_FILE: env.text().default(PRODUCTS),
    PROVIDER_REGISTER_MODE: env.oneOf(['interface', 'instance', 'all']).default('all'),
    PROVIDER_WEIGHT: env.integer(0, MAX_WEIGHT).optional(),
    PROVIDER_WARMUP_MS: env.millis().optional(),
    PROVIDER_TAG: z
      .string()
      .regex(/^[\w.-]{1,50}$/, 'expected a word')
      .optional(),
  })
  .transform((e): ProviderConfig => {
    const parameters = {
      weight: e.PROVIDER_WEIGHT?.toString(),
      warmup: e.PROVIDER_WARMUP_MS?.toString(),
      'dubbo.tag': e.PROVIDER_TAG,
    };
    const said = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return {
      ...patternSettings(e),
      rpcPort: e.DUBBO_PORT,
      dataFile: e.PROVIDER_DATA_FILE,
      registerMode: e.PROVIDER_REGISTER_MODE,
      parameters: Object.fromEntries(said),
    };
  });
