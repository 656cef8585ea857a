import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { countWords } from '@menagerie/yarn-wordcount';

import { countPlainly } from './plain-count.js';

function plainly(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  countPlainly(text, counts);
  return counts;
}

describe('the plain count', () => {
  it.each([
    ['The cat, the CAT.', { the: 2, cat: 2 }],
    ["it's 'quoted' rock'n'roll dogs' ''", { "it's": 1, quoted: 1, "rock'n'roll": 1, dogs: 1 }],
    ['naïve Größe 42nd x_y', { naïve: 1, größe: 1, '42nd': 1, x: 1, y: 1 }],
    ["a''b", { a: 1, b: 1 }],
    ['', {}],
  ])('of %j', (text, counts) => {
    expect(Object.fromEntries(plainly(text))).toEqual(counts);
  });

  it('agrees with the job about what a word is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'B', 'é', '1', "'", '’', ' ', '\n', '-', '𝒳') });
    fc.assert(
      fc.property(text, (sample) => {
        const counts = new Map<string, number>();
        countWords(sample, counts);
        expect(plainly(sample)).toEqual(counts);
      }),
    );
  });
});
