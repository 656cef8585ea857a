/** Errors of YARN's parts as YARN's answers; a body that is not what it should be is the caller's mistake. */
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { errorBody, YarnRequestError } from '@menagerie/yarn-protocol';
import type { Response } from 'express';
import { z } from 'zod';

@Catch(YarnRequestError)
export class YarnErrorFilter implements ExceptionFilter<YarnRequestError> {
  catch(error: YarnRequestError, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Response>().status(error.status).json(errorBody(error));
  }
}

/** @throws YarnRequestError `YARN_INVALID_REQUEST` that names the first field at fault */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'the body';
  throw new YarnRequestError('YARN_INVALID_REQUEST', `${where}: ${issue?.message ?? 'not what was expected'}`);
}
