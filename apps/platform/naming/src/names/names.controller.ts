/** Names over HTTP. A name of several parts is one path segment, encoded: `/names/rpc%2Forders`. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { type Binding, bindingSchema, NameRegistry } from './name-registry.js';

const name = z
  .string()
  .regex(/^[\w.:-]{1,100}(\/[\w.:-]{1,100}){0,9}$/, 'expected up to ten words, with slashes between')
  .refine((text) => text.split('/').every((word) => !/^\.+$/.test(word)), 'expected words, not dots');
const context = z.object({ context: z.union([z.literal(''), name]).default('') });

@Controller('names')
export class NamesController {
  constructor(@Inject(NameRegistry) private readonly names: NameRegistry) {}

  @Get()
  @Operation('names in a context')
  async list(@Query(checked(context)) query: z.infer<typeof context>): Promise<readonly string[]> {
    return await this.names.list(query.context);
  }

  @Get(':name')
  @Operation('what a name is bound to, through links')
  async lookup(@Param('name', checked(name)) which: string): Promise<object> {
    return await this.names.lookup(which);
  }

  @Post(':name')
  @Operation('binds a name that is free', bindingSchema)
  async bind(
    @Param('name', checked(name)) which: string,
    @Body(checked(bindingSchema)) binding: Binding,
  ): Promise<void> {
    await this.names.bind(which, binding);
  }

  @Put(':name')
  @HttpCode(204)
  @Operation('binds a name, whatever it was bound to', bindingSchema)
  async rebind(
    @Param('name', checked(name)) which: string,
    @Body(checked(bindingSchema)) binding: Binding,
  ): Promise<void> {
    await this.names.rebind(which, binding);
  }

  @Delete(':name')
  @HttpCode(204)
  @Operation('makes a name free')
  async unbind(@Param('name', checked(name)) which: string): Promise<void> {
    await this.names.unbind(which);
  }
}
