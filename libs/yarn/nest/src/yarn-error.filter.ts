/** Turns whatever a handler throws into the one body that YARN's clients understand. */
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { LOGGER, type Logger } from '@menagerie/service';
import { errorBody, type ServerErrorCode, YarnRequestError } from '@menagerie/yarn-protocol';
import type { Request, Response } from 'express';

const codesByStatus: Readonly<Record<number, ServerErrorCode>> = {
  400: 'YARN_INVALID_REQUEST',
  404: 'YARN_NOT_FOUND',
  413: 'YARN_TOO_LARGE',
};

@Catch()
export class YarnErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    // A file that broke off half-way: its status has gone out already.
    if (response.headersSent) return void response.destroy();
    const answer = this.answerTo(error, http.getRequest<Request>());
    response.status(answer.status).json(errorBody(answer));
  }

  private answerTo(error: unknown, request: Request): YarnRequestError {
    if (error instanceof YarnRequestError) return error;
    const code = error instanceof HttpException ? codesByStatus[error.getStatus()] : undefined;
    if (code !== undefined) return new YarnRequestError(code, (error as HttpException).message);
    this.logger.error({ err: error, path: request.path }, `${request.method} ${request.path} failed`);
    return new YarnRequestError('YARN_INTERNAL', 'failed unexpectedly; the log of this process says more');
  }
}
