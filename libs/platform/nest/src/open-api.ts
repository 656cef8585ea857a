/** The service's OpenAPI document at `/openapi.json`, for people at `/docs`, made from the controllers and their schemas. */
import { applyDecorators } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ApiBody, ApiOperation, type ApiBodyOptions, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';

/**
 * What a handler does, and what it takes: for the document only; `checked` does the checking.
 * @param body the same schema that `@Body(checked(body))` is given
 */
export function Operation(summary: string, body?: z.ZodType): MethodDecorator {
  const describe = ApiOperation({ summary });
  if (body === undefined) return describe;
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' });
  return applyDecorators(describe, ApiBody({ schema } as unknown as ApiBodyOptions));
}

export const openApi =
  (title: string) =>
  (app: NestExpressApplication): void => {
    const about = new DocumentBuilder().setTitle(title).setVersion('0.1.0').build();
    SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, about), {
      jsonDocumentUrl: 'openapi.json',
    });
  };
