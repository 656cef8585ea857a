import { JuteReader, JuteWriter } from '@menagerie/zookeeper-protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BytesRef, ByteStore } from './byte-store.js';

function read(store: ByteStore, ref: BytesRef, length: number): Buffer {
  const writer = new JuteWriter();
  store.writeTo(writer, ref, length);
  return new JuteReader(writer.toBuffer(), 1 << 24).readBuffer()!;
}

interface Held {
  readonly ref: BytesRef;
  readonly bytes: Buffer;
}

const isHeld = (store: ByteStore, { ref, bytes }: Held): boolean => read(store, ref, bytes.length).equals(bytes);
const filled = (length: number, byte: number): Buffer => Buffer.alloc(length, byte);

describe('a byte store', () => {
  it('gives back what was put in, whatever is allocated and released around it', () => {
    const length = fc.oneof(fc.nat(40), fc.nat(5000), fc.integer({ min: 60_000, max: 70_000 }));
    const step = fc.record({ length, release: fc.boolean(), pick: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const store = new ByteStore();
        const held: Held[] = [];
        for (const [i, { length, release, pick }] of steps.entries()) {
          if (release && held.length > 0) {
            const [gone] = held.splice(pick % held.length, 1);
            expect(isHeld(store, gone!)).toBe(true);
            store.release(gone!.ref, gone!.bytes.length);
          } else {
            const bytes = filled(length, i % 251);
            const ref = store.allocate(length);
            store.put(ref, bytes);
            held.push({ ref, bytes });
          }
        }
        expect(held.every((each) => isHeld(store, each))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('uses the memory of a released string for the next one of about its length', () => {
    const store = new ByteStore();
    const first = store.allocate(100);
    store.allocate(100);
    store.release(first, 100);
    expect(store.allocate(99)).toBe(first);
    expect(store.allocate(99)).not.toBe(first);
  });

  it('knows which lengths a string can grow to where it lies', () => {
    const store = new ByteStore();
    expect([store.isSameSize(97, 104), store.isSameSize(104, 105)]).toEqual([true, false]);
    expect(store.isSameSize(70_000, 70_001)).toBe(false);
  });
});
