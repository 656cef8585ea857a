/** What a shop of the sale reads from its environment. */
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export interface FlashSaleConfig extends PatternConfig {
  readonly database: string;
  /** False only to show what happens then. */
  readonly isLocked: boolean;
  readonly thinkMs: number;
}

export const flashSaleConfig = z
  .object({
    ...patternEnv,
    SALE_DATABASE: z.string().regex(/^mysql:\/\/\S+$/, 'expected mysql://user:password@host:port/database'),
    SALE_LOCK: env.oneOf(['on', 'off']).default('on'),
    SALE_THINK_MS: env.integer(0, 60_000).default(5),
  })
  .transform((e): FlashSaleConfig => ({
    ...patternSettings(e),
    database: e.SALE_DATABASE,
    isLocked: e.SALE_LOCK === 'on',
    thinkMs: e.SALE_THINK_MS,
  }));
