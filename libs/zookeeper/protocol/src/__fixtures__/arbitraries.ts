/** Random values of the protocol's types, for properties. */
import fc from 'fast-check';
import type { Acl, Stat, StatPersisted } from '../index.js';

export const int = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
export const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
export const safe = fc.maxSafeInteger();
/** Of any characters, those outside of the basic plane too, but no lone surrogates: they have no UTF-8. */
export const text = fc.string({ unit: 'binary', maxLength: 80 });
export const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
export const nullableBytes = fc.option(bytes, { nil: null });
export const nullableText = fc.option(text, { nil: null });
export const texts = fc.array(text, { maxLength: 5 });

export const id = fc.oneof(fc.record({ scheme: text, id: text }), fc.constant({ scheme: 'world', id: 'anyone' }));
export const acl: fc.Arbitrary<Acl> = fc.record({ perms: int, id });
export const aclList = fc.array(acl, { maxLength: 4 });
export const nullableAclList = fc.option(aclList, { nil: null });

const persisted = {
  czxid: long,
  mzxid: long,
  ctime: safe,
  mtime: safe,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: long,
  pzxid: long,
};
export const statPersisted: fc.Arbitrary<StatPersisted> = fc.record(persisted);
export const stat: fc.Arbitrary<Stat> = fc.record({ ...persisted, dataLength: int, numChildren: int });

/** Bytes cut into chunks at random places. */
export function cut(stream: Buffer): fc.Arbitrary<Buffer[]> {
  return fc
    .array(fc.nat({ max: stream.length }), { maxLength: 12 })
    .map((places) => [0, ...places.sort((a, b) => a - b), stream.length])
    .map((ends) => ends.slice(1).map((end, i) => Buffer.from(stream.subarray(ends[i], end))));
}
