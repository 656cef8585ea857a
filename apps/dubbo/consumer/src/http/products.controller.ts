/** The catalogue over HTTP. */
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { Front } from '../front/front.js';
import { Tag } from './tag.js';

const sku = z.string().regex(/^[a-z0-9-]{1,60}$/, 'expected small letters, digits and dashes');
const whole = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .transform(Number)
    .refine((value) => value >= 1 && value <= most, `expected a number from 1 to ${most}`);
const search = z.object({ words: z.string().min(1).max(200), limit: whole(100).optional() });
const order = z.object({ quantity: whole(10_000) });

@Controller('products')
export class ProductsController {
  constructor(@Inject(Front) private readonly front: Front) {}

  @Get()
  @Operation('products by their words')
  search(@Query(checked(search)) { words, limit }: z.infer<typeof search>, @Tag() tag?: string): Promise<unknown> {
    return this.front.catalogue('search', limit === undefined ? [words] : [words, limit], options(tag));
  }

  @Get(':sku')
  @Operation('one product')
  product(@Param('sku', checked(sku)) which: string, @Tag() tag?: string): Promise<unknown> {
    return this.front.catalogue('product', [which], options(tag));
  }

  @Get(':sku/quote')
  @Operation('what a quantity costs')
  quote(
    @Param('sku', checked(sku)) which: string,
    @Query(checked(order)) { quantity }: z.infer<typeof order>,
    @Tag() tag?: string,
  ): Promise<unknown> {
    return this.front.catalogue('quote', [which, quantity], options(tag));
  }
}

const options = (tag: string | undefined) => (tag === undefined ? {} : { tag });
