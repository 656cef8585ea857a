import { describe, expect, it } from 'vitest';

import { doubles, settledAt } from './era-facts.js';

const reading = (atMs: number, member: string, partitions: readonly number[], by = 'v') => ({
  atMs,
  member,
  partitions,
  by: partitions.length === 0 ? '' : by,
});

describe('settled', () => {
  const readings = [reading(1, 'a', [0, 1], 'v1'), reading(5, 'a', [0], 'v2'), reading(9, 'b', [1], 'v2')];

  it('when everybody reads by one decision, from the first to the last of them', () => {
    expect(settledAt(readings, ['a', 'b'], 2)).toEqual({ firstMs: 5, lastMs: 9 });
  });

  it('not while one reads by an older decision, is missing, or a partition is not read', () => {
    expect(settledAt([...readings, reading(10, 'a', [0], 'v3')], ['a', 'b'], 2)).toBeUndefined();
    expect(settledAt(readings, ['a', 'b', 'c'], 2)).toBeUndefined();
    expect(settledAt(readings, ['a', 'b'], 3)).toBeUndefined();
  });
});

describe('two readers of one partition', () => {
  it('are found', () => {
    expect(doubles([reading(1, 'a', [0, 1]), reading(2, 'b', [1])])).toEqual(['1: a and b']);
  });

  it('are none when the first let go before', () => {
    expect(doubles([reading(1, 'a', [0, 1]), reading(2, 'a', []), reading(3, 'b', [1])])).toEqual([]);
  });
});
