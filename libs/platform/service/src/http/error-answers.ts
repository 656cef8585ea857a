/** Whatever a handler throws becomes one body, `{ code, message }`, and the status that its code has. */
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Request, Response } from 'express';
import { LOGGER } from '../identity.js';
import type { Logger } from '../logging/logger.js';

export interface ErrorAnswers {
  /** The first word of the system's codes: `LOGS` answers `LOGS_BAD_REQUEST`, and `LOGS_INTERNAL` for what nobody foresaw. */
  readonly system: string;
  /** Status by code, of errors that are to be told as they are. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Errors that are told as they are and have no status of their own: 503, ask again later. */
  readonly isKnown?: (error: unknown) => boolean;
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const UNEXPECTED = 'failed unexpectedly; the log of this process says more';

/** @returns what to answer, or null for an error that nobody foresaw */
export function answerTo(error: unknown, { system, statuses, isKnown }: ErrorAnswers): Answer | null {
  if (error instanceof HttpException) {
    return { status: error.getStatus(), code: `${system}_BAD_REQUEST`, message: error.message };
  }
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const { code, message } = error;
  const status = Object.hasOwn(statuses, code) ? statuses[code] : undefined;
  if (status !== undefined) return { status, code, message };
  return isKnown?.(error) === true ? { status: 503, code, message } : null;
}

@Catch()
class ErrorAnswersFilter implements ExceptionFilter {
  constructor(
    private readonly answers: ErrorAnswers,
    private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    // A stream that broke off half-way: its status has gone out already.
    if (response.headersSent) return void response.destroy();
    const { method, path } = http.getRequest<Request>();
    const answer = answerTo(error, this.answers);
    if (answer === null) this.logger.error({ err: error, path }, `${method} ${path} failed`);
    const { status, ...body } = answer ?? {
      status: 500,
      code: `${this.answers.system}_INTERNAL`,
      message: UNEXPECTED,
    };
    response.status(status).json(body);
  }
}

/** For the `providers` of an application's module. */
export const errorAnswers = (answers: ErrorAnswers): Provider => ({
  provide: APP_FILTER,
  inject: [LOGGER],
  useFactory: (logger: Logger) => new ErrorAnswersFilter(answers, logger),
});
