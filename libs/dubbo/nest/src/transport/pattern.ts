/** How a message pattern of Nest names a method: `{ service: 'shop.Catalogue', method: 'price', version: '1.0.0' }`. */
import { DubboError } from '@menagerie/dubbo-url';
import { z } from 'zod';

const schema = z.strictObject({
  service: z.string().regex(/^[\w.$-]{1,200}$/),
  method: z.string().regex(/^[A-Za-z]\w{0,99}$/),
  version: z.string().optional(),
  group: z.string().optional(),
});
export type DubboPattern = z.infer<typeof schema>;

/** @throws DubboError `DUBBO_BAD_REQUEST` */
export function patternOf(pattern: unknown): DubboPattern {
  let value = pattern;
  try {
    if (typeof pattern === 'string') value = JSON.parse(pattern);
  } catch {
    // A plain word: refused below.
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const got = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
  throw new DubboError('DUBBO_BAD_REQUEST', `expected a pattern { service, method, version?, group? }, got ${got}`);
}
