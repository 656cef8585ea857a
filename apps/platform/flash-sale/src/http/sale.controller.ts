/** The sale over HTTP. */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { Sale } from '../sale/sale.js';
import type { Standing } from '../sale/stock.js';

const item = z.string().regex(/^[\w-]{1,64}$/, 'expected a word');
const stock = z.strictObject({ pieces: z.number().int().min(0).max(1_000_000) });
const order = z.strictObject({ buyer: z.string().regex(/^[\w-]{1,64}$/, 'expected a word') });

@Controller('items')
export class SaleController {
  constructor(@Inject(Sale) private readonly sale: Sale) {}

  @Put(':item')
  @HttpCode(204)
  @Operation('puts an item on sale, with so many pieces', stock)
  async open(
    @Param('item', checked(item)) which: string,
    @Body(checked(stock)) { pieces }: z.infer<typeof stock>,
  ): Promise<void> {
    await this.sale.open(which, pieces);
  }

  @Get(':item')
  @Operation('pieces that remain, and orders, at one moment')
  async standing(@Param('item', checked(item)) which: string): Promise<Standing> {
    return await this.sale.standing(which);
  }

  @Post(':item/orders')
  @Operation('buys one piece', order)
  async order(
    @Param('item', checked(item)) which: string,
    @Body(checked(order)) { buyer }: z.infer<typeof order>,
  ): Promise<{ buyer: string }> {
    await this.sale.order(which, buyer);
    return { buyer };
  }
}
