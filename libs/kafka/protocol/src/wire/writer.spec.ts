import { describe, expect, it } from 'vitest';

import { Reader } from './reader.js';
import { Writer } from './writer.js';

describe('a writer that has to grow', () => {
  it.each(['varint', 'unsignedVarint', 'int8', 'int16', 'int32', 'int64'] as const)(
    'keeps every byte of an %s that begins or ends where the room ends',
    (kind) => {
      for (let room = 1; room <= 12; room++) {
        const writer = new Writer(room);
        const values = Array.from({ length: 40 }, (_, index) => (kind === 'int8' ? index : 300 + index));
        for (const value of values) writer[kind](value);
        const reader = new Reader(writer.toBuffer());
        expect(values.map(() => reader[kind]())).toEqual(values);
        expect(reader.remaining).toBe(0);
      }
    },
  );
});
