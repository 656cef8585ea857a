/** Types and ids over HTTP. */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { type Block, IdTypes } from './id-types.js';

const type = z.string().regex(/^[A-Za-z]\w{0,49}$/, 'expected a word of letters, digits and underscores');
const MAX_AT_ONCE = 1_000;
const MAX_BLOCK = 1_000_000;

const order = z.strictObject({
  count: z.number().int().min(1).max(MAX_AT_ONCE).default(1),
  way: z.enum(['sequential', 'block']).default('sequential'),
});
const lease = z.strictObject({ size: z.number().int().min(1).max(MAX_BLOCK).default(1_000) });

@Controller()
export class IdsController {
  constructor(@Inject(IdTypes) private readonly types: IdTypes) {}

  @Get('types')
  @Operation('types that ids are given of')
  async all(): Promise<readonly string[]> {
    return await this.types.all();
  }

  @Put('types/:type')
  @HttpCode(204)
  @Operation('makes a type known')
  async register(@Param('type', checked(type)) which: string): Promise<void> {
    await this.types.register(which);
  }

  @Post('types/:type/ids')
  @Operation('new ids: by a sequential node each, or out of a block', order)
  async take(
    @Param('type', checked(type)) which: string,
    @Body(checked(order)) { count, way }: z.infer<typeof order>,
  ): Promise<{ ids: readonly string[] }> {
    return { ids: await (way === 'block' ? this.types.takeQuickly(which, count) : this.types.take(which, count)) };
  }

  @Post('types/:type/blocks')
  @Operation('a block of ids for the asker', lease)
  async lease(
    @Param('type', checked(type)) which: string,
    @Body(checked(lease)) { size }: z.infer<typeof lease>,
  ): Promise<Block> {
    return await this.types.lease(which, size);
  }
}
