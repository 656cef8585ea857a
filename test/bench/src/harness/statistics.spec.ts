import { describe, expect, it } from 'vitest';
import { median, short, table } from './statistics.js';

describe('statistics', () => {
  it('the median of an even count is the mean of the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([9, 1, 5])).toBe(5);
  });
  it('the median of nothing is an error, not NaN', () => {
    expect(() => median([])).toThrow(RangeError);
  });
  it('figures keep three digits', () => {
    expect([0.1234, 12.345, 123.4, 71_417.8].map(short)).toEqual(['0.12', '12.3', '123', '71,418']);
  });
  it('a table lines up', () => {
    expect(
      table(
        ['what', 'n'],
        [
          ['a', '10'],
          ['long name', '1'],
        ],
      ).split('\n'),
    ).toEqual(['what        n', '---------  --', 'a          10', 'long name   1']);
  });
});
