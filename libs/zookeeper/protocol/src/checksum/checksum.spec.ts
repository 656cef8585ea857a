import { crc32 as zlibCrc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes } from '../__fixtures__/arbitraries.js';
import { adler32, crc32 } from '../index.js';

/** zlib ends its streams with the Adler-32 of what went in. */
const zlibAdler32 = (input: Uint8Array): number => deflateSync(input, { level: 0 }).subarray(-4).readUInt32BE(0);

const large = Buffer.alloc(200_003);
for (let i = 0; i < large.length; i++) large[i] = (i * 2_654_435_761) >>> 13;
const worst = Buffer.alloc(20_000, 0xff);

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32(Buffer.alloc(0))).toBe(0);
  });

  it('agrees with zlib, whole and in parts', () => {
    for (const input of [large, worst]) expect(crc32(input)).toBe(zlibCrc32(input));
    // Around the length from which it is zlib that sums.
    for (let end = 180; end < 200; end++)
      expect(crc32(large, 0xffffffff, end)).toBe(zlibCrc32(large.subarray(0, end), 0xffffffff));
    fc.assert(
      fc.property(bytes, bytes, (first, second) => {
        expect(crc32(second, crc32(first))).toBe(zlibCrc32(Buffer.concat([first, second])));
      }),
    );
  });

  it('goes on from a checksum that was kept as a signed number', () => {
    for (const end of [10, 5000]) expect(crc32(large, -5, end)).toBe(crc32(large, 0xfffffffb, end));
  });

  it('stops where it is told to', () => {
    fc.assert(
      fc.property(bytes, fc.nat(200), (input, end) => {
        const part = Math.min(end, input.length);
        expect(crc32(input, 0, part)).toBe(zlibCrc32(input.subarray(0, part)));
      }),
    );
  });
});

describe('adler32', () => {
  it('gives the value of the well-known example', () => {
    expect(adler32(Buffer.from('Wikipedia'))).toBe(0x11e60398);
    expect(adler32(Buffer.alloc(0))).toBe(1);
  });

  it('agrees with zlib, whole and in parts', () => {
    for (const input of [large, worst]) expect(adler32(input)).toBe(zlibAdler32(input));
    fc.assert(
      fc.property(bytes, bytes, (first, second) => {
        expect(adler32(second, adler32(first))).toBe(zlibAdler32(Buffer.concat([first, second])));
      }),
    );
  });
});
