/** Dubbo's generic call: any method of any service, by name. */
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { Front } from '../front/front.js';

const name = z.string().regex(/^[\w.$-]{1,200}$/, 'expected the name of an interface');
const word = z.string().regex(/^[\w.*-]{1,100}$/, 'expected a word');
const invocation = z.strictObject({
  interface: name,
  version: word.optional(),
  group: word.optional(),
  method: z.string().regex(/^[A-Za-z]\w{0,99}$/, 'expected the name of a method'),
  args: z.array(z.unknown()).max(100).default([]),
  tag: word.optional(),
  timeoutMs: z.number().int().min(1).max(60_000).optional(),
});

@Controller('invoke')
export class InvokeController {
  constructor(@Inject(Front) private readonly front: Front) {}

  @Post()
  @HttpCode(200)
  @Operation('a method by its name, and what it answers', invocation)
  async invoke(@Body(checked(invocation)) body: z.infer<typeof invocation>): Promise<{ result: unknown }> {
    const { method, args, tag, timeoutMs, ...service } = body;
    const options = { ...(tag === undefined ? {} : { tag }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    return { result: await this.front.call(service, method, args, options) };
  }
}
