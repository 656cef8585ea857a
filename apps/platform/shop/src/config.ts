/** What a shop reads from its environment; where its database is it reads from the config center. */
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface ShopConfig extends PatternConfig {
  /** `name:password` of the digest scheme. */
  readonly credentials: string;
  readonly dataDir: string;
}

export const shopConfig = z
  .object({ ...patternEnv, SHOP_CREDENTIALS: env.text(), DATA_DIR: env.text() })
  .transform((e): ShopConfig => ({ ...patternSettings(e), credentials: e.SHOP_CREDENTIALS, dataDir: e.DATA_DIR }));
