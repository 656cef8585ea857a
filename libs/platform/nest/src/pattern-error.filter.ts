/** Whatever a handler throws becomes one body: `{ code, message }`. */
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { isPatternError, type PatternErrorCode } from '@menagerie/platform-core';
import { LOGGER, type Logger } from '@menagerie/service';
import { ZooKeeperError } from '@menagerie/zookeeper-client';
import { isRecipeError } from '@menagerie/zookeeper-recipes';
import type { Request, Response } from 'express';

const statuses: Readonly<Record<PatternErrorCode, number>> = {
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
  QUEUE_FULL: 429,
  TASK_UNKNOWN: 404,
};

@Catch()
export class PatternErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    // A stream that broke off half-way: its status has gone out already.
    if (response.headersSent) return void response.destroy();
    const { status, code, message } = this.answerTo(error, http.getRequest<Request>());
    response.status(status).json({ code, message });
  }

  private answerTo(error: unknown, request: Request): { status: number; code: string; message: string } {
    if (isPatternError(error)) return { status: statuses[error.code], code: error.code, message: error.message };
    if (isRecipeError(error) || error instanceof ZooKeeperError) {
      return { status: 503, code: error.code, message: error.message };
    }
    if (error instanceof HttpException) {
      return { status: error.getStatus(), code: 'PATTERN_BAD_REQUEST', message: error.message };
    }
    this.logger.error({ err: error, path: request.path }, `${request.method} ${request.path} failed`);
    return { status: 500, code: 'PATTERN_INTERNAL', message: 'failed unexpectedly; the log of this process says more' };
  }
}
