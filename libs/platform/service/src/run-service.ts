/** A whole process: config from the environment, start, signals, stop, exit code. What a `main.ts` calls. */
import type { z } from 'zod';

import type { ServiceConfig } from './config/env.js';
import { type Environment, parseConfig } from './config/parse-config.js';
import { ServiceError } from './errors.js';
import { createLogger, type Logger } from './logging/logger.js';
import { type RunningService, type ServiceModule, type StartOptions, startService } from './start-service.js';

/** `usage`: whoever started us can mend it, and one line on stderr says how. */
export const ExitCode = { ok: 0, failure: 1, usage: 2 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface RunOptions<C extends ServiceConfig> {
  /** `yarn/resource-manager`. */
  readonly name: string;
  /** A zod object over variable names, transformed into the config. */
  readonly config: z.ZodType<C>;
  /** The service's own module. What `config` gave is injected with `@Inject(SERVICE_CONFIG)`. */
  readonly module: ServiceModule;
  /** Which replica this is. */
  readonly instance?: (config: C) => string;
  /** Where the config's variables are; a program with a configuration file of its own gives that. Default: the process's. */
  readonly environment?: Environment;
  /** Called before it listens, for what a module cannot add. */
  readonly prepare?: StartOptions<C>['prepare'];
}

/**
 * Runs the service until SIGTERM or SIGINT, then stops it in order and ends the process: 0 after a clean stop,
 * 1 after a failure or a stop that took longer than `stopDeadlineMs`, 2 after a user's mistake.
 */
export async function runService<C extends ServiceConfig>(options: RunOptions<C>): Promise<void> {
  let logger: Logger | undefined;
  let stopping = false;
  try {
    const config = parseConfig(options.config, options.environment);
    const instance = options.instance?.(config);
    const identity = { name: options.name, ...(instance === undefined ? {} : { instance }) };
    const log = (logger = createLogger({ ...identity, level: config.logLevel }));
    process.on('uncaughtException', (error) => die(log, error));
    process.on('unhandledRejection', (reason) => die(log, reason));

    // A signal may come while the service is still starting: it is then stopped as soon as it has started.
    let started: (service: RunningService) => void = () => undefined;
    const running = new Promise<RunningService>((resolve) => (started = resolve));
    const onSignal = (signal: NodeJS.Signals) => {
      // Ctrl-C reaches the whole group and the launcher passes it on too: the second one is not impatience.
      if (stopping) return;
      stopping = true;
      const tooLate = () => die(log, new Error(`still starting ${config.stopDeadlineMs} ms after ${signal}`));
      const timer = setTimeout(tooLate, config.stopDeadlineMs);
      void running.then((service) => {
        clearTimeout(timer);
        return stopAndExit(service, signal);
      });
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);

    const { module, prepare } = options;
    started(await startService({ ...identity, config, module, logger: log, ...(prepare ? { prepare } : {}) }));
  } catch (error) {
    // The failure of a service that was told to stop while it started is no news.
    if (stopping) process.exit(ExitCode.ok);
    die(logger, error);
  }
}

async function stopAndExit(service: RunningService, signal: NodeJS.Signals): Promise<void> {
  const { logger } = service;
  logger.info({ signal }, `${signal}: stopping`);
  try {
    const failures = await service.stop();
    for (const { name, error } of failures) logger.error({ err: error }, `${name} failed`);
    logger.info('stopped');
    process.exit(failures.length === 0 ? ExitCode.ok : ExitCode.failure);
  } catch (error) {
    die(logger, error);
  }
}

function die(logger: Logger | undefined, error: unknown): never {
  if (error instanceof ServiceError && error.userMistake) {
    process.stderr.write(`${error.message}\n`);
    process.exit(ExitCode.usage);
  }
  if (logger === undefined)
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  else logger.fatal({ err: error }, error instanceof Error ? error.message : String(error));
  process.exit(ExitCode.failure);
}
