/** What a DDNS process reads from its environment. */
import { patternEnv, patternSettings, type PatternConfig } from '@menagerie/platform-nest';
import { env } from '@menagerie/service';
import { DEFAULT_HEALTH, type HealthOptions } from '@menagerie/platform-core';
import { z } from 'zod';

export const PARTS = ['register', 'dispatcher', 'scanner', 'monitor', 'controller'] as const;
export type Part = (typeof PARTS)[number];

export interface DdnsConfig extends PatternConfig {
  readonly parts: ReadonlySet<Part>;
  /** 0 for none. */
  readonly dnsPort: number;
  readonly health: HealthOptions;
  /** Null: the controller obeys nobody. */
  readonly controlToken: string | null;
}

const isPart = (text: string): text is Part => PARTS.some((part) => part === text);

export const ddnsConfig = z
  .object({
    ...patternEnv,
    DDNS_PARTS: z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine((parts): parts is Part[] => parts.every(isPart), `expected some of ${PARTS.join(', ')}`)
      .default([...PARTS]),
    DDNS_PORT: env.port().default(0),
    DDNS_REPORT_MS: env.millis(60_000).default(DEFAULT_HEALTH.reportMs),
    DDNS_MISSES: env.integer(1, 100).default(DEFAULT_HEALTH.missesAllowed),
    DDNS_CONTROL_TOKEN: env.text().optional(),
  })
  .transform((e): DdnsConfig => ({
    ...patternSettings(e),
    parts: new Set(e.DDNS_PARTS as readonly Part[]),
    dnsPort: e.DDNS_PORT,
    health: { ...DEFAULT_HEALTH, reportMs: e.DDNS_REPORT_MS, missesAllowed: e.DDNS_MISSES },
    controlToken: e.DDNS_CONTROL_TOKEN ?? null,
  }));
