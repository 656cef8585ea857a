/** Lets Nest, and everything that logs through Nest, write to our logger. */
import type { LoggerService } from '@nestjs/common';

import type { Logger, LogLevel } from './logger.js';

/** Nest tells at length what it wires; that is only of interest when wiring is the question. */
const WIRING = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication']);

/** A failure to start is reported by `runService`, once and without Nest's frames. */
const START_FAILURE = 'ExceptionHandler';

export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  /** Nest's convention: the last of several strings is the context; for errors, the one before it may be a stack. */
  #write(level: Exclude<LogLevel, 'silent'>, message: unknown, rest: readonly unknown[]): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : undefined;
    if (context === START_FAILURE) return;
    const details = context === undefined ? rest : rest.slice(0, -1);
    const fields: Record<string, unknown> = context === undefined ? {} : { context };
    if (details.length > 0) fields['details'] = details.length === 1 ? details[0] : details;
    const at = level === 'info' && context !== undefined && WIRING.has(context) ? 'debug' : level;
    if (message instanceof Error) this.logger[at]({ ...fields, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.logger[at]({ ...fields, ...message });
    else this.logger[at](fields, String(message));
  }
}
