/** The one import of a pattern's service: the session, the recipes, and errors as answers. */
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { LOGGER, type Logger, SERVICE_CONFIG } from '@menagerie/service';
import type { AuthInfo, ClientLogger } from '@menagerie/zookeeper-client';
import { ZooKeeperModule } from '@menagerie/zookeeper-nest';
import type { PatternConfig } from './pattern-config.js';
import { PatternErrorFilter } from './pattern-error.filter.js';

/** An ensemble that is just being started, or is electing, is waited for. */
const CONNECT_TIMEOUT_MS = 60_000;
/** Of one call; whoever asks over HTTP would rather know than wait. */
const CALL_TIMEOUT_MS = 10_000;

export interface PatternOptions<C extends PatternConfig> {
  /** Names the service in the tree; the same for all its replicas. */
  readonly application: string;
  /** Credentials for nodes that are not for everybody. */
  readonly auth?: (config: C) => readonly AuthInfo[];
}

@Global()
@Module({})
export class PatternModule {
  static forRoot<C extends PatternConfig>({ application, auth }: PatternOptions<C>): DynamicModule {
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
      providers: [{ provide: APP_FILTER, useClass: PatternErrorFilter }],
    };
  }
}

const clientLogger = (logger: Logger): ClientLogger => ({
  debug: (message, fields) => logger.debug({ ...fields }, message),
  info: (message, fields) => logger.info({ ...fields }, message),
  warn: (message, fields) => logger.warn({ ...fields }, message),
  error: (message, fields) => logger.error({ ...fields }, message),
});
