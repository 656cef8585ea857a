/** Products, found by their words and priced by quantity. What it cannot do it says with a `BusinessError`. */
import { BusinessError } from '@menagerie/dubbo-url';
import { z } from 'zod';
import type { Product } from './product.js';

export interface Quote {
  readonly sku: string;
  readonly quantity: number;
  readonly discountPercent: number;
  readonly totalCents: number;
}

/** From this quantity on so many percent less. */
const DISCOUNTS: readonly (readonly [quantity: number, percent: number])[] = [
  [100, 15],
  [20, 10],
  [5, 5],
];
const MAX_FOUND = 100;
const MAX_QUANTITY = 10_000;
const text = z.string().min(1).max(200);
const limit = z.number().int().min(1).max(MAX_FOUND);
const quantity = z.number().int().min(1).max(MAX_QUANTITY);

export class Catalogue {
  private readonly bySku: ReadonlyMap<string, Product>;
  /** Products by each word of their name, kind and description. */
  private readonly byWord = new Map<string, Set<Product>>();

  constructor(products: readonly Product[]) {
    this.bySku = new Map(products.map((product) => [product.sku, product]));
    for (const product of products) {
      for (const word of wordsOf(`${product.name} ${product.kind} ${product.about}`)) {
        const known = this.byWord.get(word) ?? new Set();
        this.byWord.set(word, known.add(product));
      }
    }
  }

  /** @throws BusinessError `UNKNOWN_PRODUCT` */
  product(sku: string): Product {
    const found = this.bySku.get(checked('sku', text, sku));
    if (found === undefined) throw new BusinessError('UNKNOWN_PRODUCT', `expected a product, got "${sku}"`);
    return found;
  }

  /** Those with the most of these words first; equal ones by sku. */
  search(words: string, most: number = 10): readonly Product[] {
    const hits = new Map<Product, number>();
    for (const word of wordsOf(checked('words', text, words))) {
      for (const product of this.byWord.get(word) ?? []) hits.set(product, (hits.get(product) ?? 0) + 1);
    }
    return [...hits]
      .sort(([a, hitsOfA], [b, hitsOfB]) => hitsOfB - hitsOfA || (a.sku < b.sku ? -1 : 1))
      .slice(0, checked('limit', limit, most))
      .map(([product]) => product);
  }

  /** @throws BusinessError `UNKNOWN_PRODUCT`, `OUT_OF_STOCK` */
  quote(sku: string, wanted: number): Quote {
    const { unitCents, stock } = this.product(sku);
    const count = checked('quantity', quantity, wanted);
    if (count > stock) throw new BusinessError('OUT_OF_STOCK', `expected at most ${stock} of ${sku}, got ${count}`);
    const [, discountPercent] = DISCOUNTS.find(([from]) => count >= from) ?? [0, 0];
    const totalCents = Math.round((unitCents * count * (100 - discountPercent)) / 100);
    return { sku, quantity: count, discountPercent, totalCents };
  }
}

/** Arguments come from whoever calls. @throws BusinessError `BAD_ARGUMENT` */
function checked<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BusinessError('BAD_ARGUMENT', `${name}: ${parsed.error.issues[0]?.message ?? 'not what was expected'}`);
}

const wordsOf = (sentence: string): ReadonlySet<string> => new Set(sentence.toLowerCase().match(/[a-z]+/g));
