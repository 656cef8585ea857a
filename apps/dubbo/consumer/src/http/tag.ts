/** A caller who wants the providers with a tag says so in a header, as Dubbo's gateways do. */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { checked } from '@menagerie/service';
import type { Request } from 'express';
import { z } from 'zod';

const HEADER = 'x-dubbo-tag';
const tag = z
  .string()
  .regex(/^[\w.-]{1,50}$/, `expected a word as ${HEADER}`)
  .optional();

const header = createParamDecorator((name: string, context: ExecutionContext) =>
  context.switchToHttp().getRequest<Request>().get(name),
);

export const Tag = (): ParameterDecorator => header(HEADER, checked(tag));
