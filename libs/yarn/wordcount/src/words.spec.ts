import { describe, expect, it } from 'vitest';
import { addCounts, countWords, formatCounts, partitionOf, type Counts } from './words.js';

const count = (text: string): Counts => {
  const counts: Counts = new Map();
  countWords(text, counts);
  return counts;
};

describe('words', () => {
  it('are letters and digits of any script, without regard to case, with apostrophes inside', () => {
    expect([...count("Don't count -- DON'T! 租约 租约 v2, (v2)")]).toEqual([
      ["don't", 2],
      ['count', 1],
      ['租约', 2],
      ['v2', 2],
    ]);
  });

  it('equal counts give equal bytes, and bytes give the counts back', () => {
    const [one, other] = [count('b a b'), count('b b a')];
    expect(formatCounts(one)).toBe(formatCounts(other));
    const back: Counts = new Map();
    addCounts(formatCounts(one), back);
    addCounts(formatCounts(one), back);
    expect([...back]).toEqual([
      ['a', 2],
      ['b', 4],
    ]);
  });

  it.each(['word', 'word\t', 'word\t1.5', 'word\t0', '\t3'])('a damaged line is named and not skipped: %j', (line) => {
    expect(() => addCounts(`fine\t1\n${line}\n`, new Map())).toThrow('line 2');
  });

  it('each word has one reducer, and all reducers get some', () => {
    const words = Array.from({ length: 200 }, (_, i) => `word${i}`);
    const partitions = words.map((word) => partitionOf(word, 7));
    expect(words.map((word) => partitionOf(word, 7))).toEqual(partitions);
    expect(new Set(partitions).size).toBe(7);
  });
});
