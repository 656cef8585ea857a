/** Starts and stops a service inside a process: no signal, no exit. `runService` adds those. */
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo } from 'node:net';

import type { ServiceConfig } from './config/env.js';
import { StopDeadlineError } from './errors.js';
import { assertPortFree, portError } from './http/claim-port.js';
import type { ServiceIdentity } from './identity.js';
import { createLogger, type Logger } from './logging/logger.js';
import { NestLogger } from './logging/nest-logger.js';
import { PlatformModule } from './platform.module.js';
import { ShutdownOrder, type StopFailure } from './shutdown/shutdown-order.js';

export type ServiceModule = Type<unknown> | DynamicModule;

export interface StartOptions<C extends ServiceConfig> extends ServiceIdentity {
  readonly config: C;
  readonly module: ServiceModule;
  readonly logger?: Logger;
  /** Called before it listens, for what a module cannot add: a page of documentation, for instance. */
  readonly prepare?: (app: NestExpressApplication) => void;
}

export interface RunningService {
  readonly app: NestExpressApplication;
  readonly logger: Logger;
  /** `http://127.0.0.1:8088`, with the port that was really taken. */
  readonly url: string;
  /**
   * Runs the stop hooks. Idempotent: later calls wait for the first.
   * @returns the hooks that failed
   * @throws StopDeadlineError when `stopDeadlineMs` is over
   */
  stop(): Promise<readonly StopFailure[]>;
}

/** A node with thousands of containers reports them in one body; the framework's own limit is 100 kB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

@Module({})
class RootModule {}

/** @throws PortBusyError, or whatever the modules throw while they start */
export async function startService<C extends ServiceConfig>(options: StartOptions<C>): Promise<RunningService> {
  const { config, name, instance } = options;
  const identity: ServiceIdentity = { name, ...(instance === undefined ? {} : { instance }) };
  const logger = options.logger ?? createLogger({ ...identity, level: config.logLevel });
  await assertPortFree(config.http);
  const root: DynamicModule = {
    module: RootModule,
    imports: [PlatformModule.forRoot({ ...identity, config, logger }), options.module],
  };
  const app = await NestFactory.create<NestExpressApplication>(root, {
    logger: new NestLogger(logger),
    abortOnError: false,
    // A keep-alive connection of an idle client would otherwise hold the stop back.
    forceCloseConnections: true,
  });
  app.disable('x-powered-by');
  app.useBodyParser('json', { limit: MAX_BODY_BYTES });
  const order = app.get(ShutdownOrder);
  const stop = stopper(app, order, config.stopDeadlineMs);
  try {
    options.prepare?.(app);
    await app.listen(config.http.port, config.http.host);
  } catch (error) {
    // What started before the failure is stopped; the failure is what is reported.
    await stop().catch((stopError: unknown) => logger.error({ err: stopError }, 'stop after a failed start'));
    throw portError(error, config.http);
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://${config.http.host}:${port}`;
  logger.info({ url }, `${instance ?? name} listens on ${url}`);
  return { app, logger, url, stop };
}

function stopper(app: NestExpressApplication, order: ShutdownOrder, deadlineMs: number): RunningService['stop'] {
  const close = async (): Promise<readonly StopFailure[]> => {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new StopDeadlineError(deadlineMs, order.running ?? 'the HTTP server')),
        deadlineMs,
      );
    });
    try {
      await Promise.race([app.close(), deadline]);
    } finally {
      clearTimeout(timer);
    }
    return order.failures;
  };
  let stopping: Promise<readonly StopFailure[]> | undefined;
  return () => (stopping ??= close());
}
