/** A product as it stands in the data file. */
import { readFileSync } from 'node:fs';
import { ConfigError } from '@menagerie/service';
import { z } from 'zod';

const product = z.strictObject({
  sku: z.string().regex(/^[a-z0-9-]{1,60}$/),
  name: z.string().min(1),
  about: z.string(),
  kind: z.string().min(1),
  unitCents: z.number().int().positive(),
  stock: z.number().int().min(0),
});
export type Product = z.infer<typeof product>;

const MAX_PRODUCTS = 100_000;
const products = z
  .array(product)
  .max(MAX_PRODUCTS)
  .refine((all) => new Set(all.map(({ sku }) => sku)).size === all.length, 'expected each sku once');

/** @throws ConfigError naming the variable: whoever started us can mend it */
export function readProducts(file: string): readonly Product[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError('PROVIDER_DATA_FILE', `expected JSON in ${file}: ${(error as Error).message}`);
  }
  const parsed = products.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError('PROVIDER_DATA_FILE', `${file}, ${issue?.path.join('.')}: ${issue?.message}`);
}
