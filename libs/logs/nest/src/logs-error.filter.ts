/** Whatever a handler throws becomes one body: `{ code, message }`. */
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { LOGGER, type Logger } from '@menagerie/service';
import { isLogsError, type LogsErrorCode } from '@menagerie/logs-core';
import { ZooKeeperError } from '@menagerie/zookeeper-client';
import type { Request, Response } from 'express';

const statuses: Partial<Record<LogsErrorCode, number>> = {
  LOGS_BAD_REQUEST: 400,
  LOGS_BAD_PAYLOAD: 502,
  LOGS_NOT_LEADER: 409,
  LOGS_SOURCE_REFUSED: 404,
};

@Catch()
export class LogsErrorFilter implements ExceptionFilter {
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
    if (isLogsError(error)) return { status: statuses[error.code] ?? 503, code: error.code, message: error.message };
    if (error instanceof ZooKeeperError) return { status: 503, code: error.code, message: error.message };
    if (error instanceof HttpException) {
      return { status: error.getStatus(), code: 'LOGS_BAD_REQUEST', message: error.message };
    }
    this.logger.error({ err: error, path: request.path }, `${request.method} ${request.path} failed`);
    return { status: 500, code: 'LOGS_INTERNAL', message: 'failed unexpectedly; the log of this process says more' };
  }
}
