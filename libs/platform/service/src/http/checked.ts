/** A body or a query that is what its schema says, or one clear line about where it is not. */
import { BadRequestException, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';

/** For `@Body(checked(schema))` and its like. @throws BadRequestException that `errorAnswers` tells in one line */
export function checked<T>(schema: z.ZodType<T>): PipeTransform<unknown, T> {
  return {
    transform(value: unknown): T {
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      const where = issue && issue.path.length > 0 ? issue.path.join('.') : 'request';
      throw new BadRequestException(`${where}: ${issue?.message ?? 'not what was expected'}`);
    },
  };
}
