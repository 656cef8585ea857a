import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf, planSplits } from './splits.js';

/** As a mapper reads: from one byte before the range to the end of its last line. */
function read(text: Buffer, range: { path: string; start: number; end: number }): string {
  const offset = Math.max(0, range.start - 1);
  return linesOf(text.subarray(offset), offset, range, text.length).toString();
}

describe('splits', () => {
  it('cover every byte of every file once, and none is larger than asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), (sizes, splitBytes) => {
        const files = sizes.map((bytes, i) => ({ path: `f${String(i).padStart(2, '0')}`, bytes }));
        const splits = planSplits(files, splitBytes);
        for (const split of splits) {
          const bytes = split.reduce((sum, range) => sum + range.end - range.start, 0);
          expect(bytes).toBeGreaterThan(0);
          expect(bytes).toBeLessThanOrEqual(splitBytes);
        }
        for (const { path, bytes } of files) {
          const ranges = splits.flat().filter((range) => range.path === path);
          expect(ranges.reduce((at, range) => (range.start === at ? range.end : NaN), 0)).toBe(bytes);
        }
      }),
    );
  });

  it('whatever the cuts, every line is read once, in order', () => {
    const lines = fc.array(fc.stringMatching(/^[a-zé ]{0,9}$/), { maxLength: 15 }).map((all) => all.join('\n'));
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 12 }), (text, splitBytes) => {
        const bytes = Buffer.from(text);
        const ranges = planSplits([{ path: 'f', bytes: bytes.length }], splitBytes).flat();
        expect(ranges.map((range) => read(bytes, range)).join('')).toBe(text);
      }),
    );
  });

  it('the same files in another order give the same splits', () => {
    const files = [
      { path: 'b', bytes: 7 },
      { path: 'a', bytes: 9 },
    ];
    expect(planSplits(files, 5)).toEqual(planSplits([...files].reverse(), 5));
  });
});
