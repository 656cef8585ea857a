/** The variables that every service of the patterns takes, beside those of any service. */
import { env, serviceEnv, serviceSettings, type LogLevel, type ServiceConfig } from '@menagerie/service';
import { z } from 'zod';

export interface PatternConfig extends ServiceConfig {
  /** Names this replica; unique among those of its service. */
  readonly id: string;
  readonly zkConnect: string;
  readonly sessionTimeoutMs: number;
}

export const patternEnv = {
  ...serviceEnv,
  SERVICE_ID: z.string().regex(/^[\w.-]{1,100}$/, 'expected letters, digits, dots, dashes and underscores'),
  HTTP_PORT: env.port(),
  ZK_CONNECT: env.zkConnect(),
  ZK_SESSION_TIMEOUT_MS: env.millis(600_000).default(6_000),
} as const;

export interface PatternVariables {
  readonly LOG_LEVEL: LogLevel;
  readonly HTTP_HOST: string;
  readonly STOP_DEADLINE_MS: number;
  readonly SERVICE_ID: string;
  readonly HTTP_PORT: number;
  readonly ZK_CONNECT: string;
  readonly ZK_SESSION_TIMEOUT_MS: number;
}

export const patternSettings = (e: PatternVariables): PatternConfig => ({
  ...serviceSettings(e, e.HTTP_PORT),
  id: e.SERVICE_ID,
  zkConnect: e.ZK_CONNECT,
  sessionTimeoutMs: e.ZK_SESSION_TIMEOUT_MS,
});
