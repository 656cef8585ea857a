/** The one import of a pattern's service: the session, the recipes, and errors as answers. */
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { isPatternError, type PatternErrorCode } from '@menagerie/platform-core';
import { errorAnswers, LOGGER, type Logger, SERVICE_CONFIG } from '@menagerie/service';
import { type AuthInfo, type ClientLogger, ZooKeeperError } from '@menagerie/zookeeper-client';
import { ZooKeeperModule } from '@menagerie/zookeeper-nest';
import { isRecipeError } from '@menagerie/zookeeper-recipes';
import type { PatternConfig } from './pattern-config.js';

/** An ensemble that is just being started, or is electing, is waited for. */
const CONNECT_TIMEOUT_MS = 60_000;
/** Of one call; whoever asks over HTTP would rather know than wait. */
const CALL_TIMEOUT_MS = 10_000;

export interface PatternOptions<C extends PatternConfig> {
  /** Names the service in the tree; the same for all its replicas. */
  readonly application: string;
  /** Credentials for nodes that are not for everybody. */
  readonly auth?: (config: C) => readonly AuthInfo[];
  /** HTTP statuses of the service's own errors, by code. */
  readonly statuses?: Readonly<Record<string, number>>;
}

const patternStatuses: Readonly<Record<PatternErrorCode, number>> = {
  PATTERN_BAD_REQUEST: 400,
  PATTERN_UNAVAILABLE: 503,
  CONFIG_INVALID: 422,
  CONFIG_NOT_FOUND: 404,
  CONFIG_CONFLICT: 409,
  NAMING_UNKNOWN_TYPE: 404,
  NAMING_NOT_FOUND: 404,
  NAMING_BOUND: 409,
  NAMING_LINKS: 422,
  DDNS_UNKNOWN_NAME: 404,
  DDNS_BAD_ADDRESS: 422,
  DDNS_NOT_OWNER: 403,
  DDNS_NO_ADDRESS: 503,
  HOSTS_UNKNOWN: 404,
  HOSTS_NAME_TAKEN: 409,
  HOSTS_NOT_YOURS: 403,
  SALE_UNKNOWN_ITEM: 404,
  SALE_SOLD_OUT: 409,
  SALE_FENCED: 409,
  SALE_BOUGHT_ALREADY: 409,
  QUEUE_FULL: 429,
  TASK_UNKNOWN: 404,
  TASK_NO_FOLDER: 422,
};
const isKnown = (error: unknown): boolean =>
  isPatternError(error) || isRecipeError(error) || error instanceof ZooKeeperError;

@Global()
@Module({})
export class PatternModule {
  static forRoot<C extends PatternConfig>({ application, auth, statuses }: PatternOptions<C>): DynamicModule {
    return {
      module: PatternModule,
      imports: [
        ZooKeeperModule.forRootAsync({
          inject: [SERVICE_CONFIG, LOGGER],
          useFactory: (config: C, logger: Logger) => ({
            application,
            instance: config.id,
            connect: config.zkConnect,
            sessionTimeoutMs: config.sessionTimeoutMs,
            connectTimeoutMs: CONNECT_TIMEOUT_MS,
            callTimeoutMs: CALL_TIMEOUT_MS,
            logger: clientLogger(logger),
            ...(auth === undefined ? {} : { auth: auth(config) }),
          }),
        }),
      ],
      providers: [errorAnswers({ system: 'PATTERN', isKnown, statuses: { ...patternStatuses, ...statuses } })],
    };
  }
}

const clientLogger = (logger: Logger): ClientLogger => ({
  debug: (message, fields) => logger.debug({ ...fields }, message),
  info: (message, fields) => logger.info({ ...fields }, message),
  warn: (message, fields) => logger.warn({ ...fields }, message),
  error: (message, fields) => logger.error({ ...fields }, message),
});
