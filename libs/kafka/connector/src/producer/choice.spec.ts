import { describe, expect, it } from 'vitest';

import { brokerByAddress, nextPartition } from './choice.js';

describe('by address', () => {
  it('is the same broker for the same producer, and every broker for some producer', () => {
    const brokers = [1, 2, 3];
    const sources = Array.from({ length: 60 }, (_, index) => `10.0.0.7:${40_000 + index}`);
    const chosen = sources.map((source) => brokerByAddress(source, brokers));
    expect(sources.map((source) => brokerByAddress(source, brokers))).toEqual(chosen);
    expect(new Set(chosen)).toEqual(new Set(brokers));
  });
});

describe('by watching', () => {
  const partitions = [
    { partition: 0, leader: 1 },
    { partition: 1, leader: 2 },
    { partition: 2, leader: -1 },
    { partition: 3, leader: 3 },
  ];

  it('takes turns between what is led by somebody alive', () => {
    const alive = (id: number) => id !== 2;
    const turns = [0, 1, 2, 3].map((turn) => nextPartition(partitions, alive, turn)?.partition);
    expect(turns).toEqual([0, 3, 0, 3]);
  });

  it('finds nothing when nobody is alive', () => {
    expect(nextPartition(partitions, () => false, 7)).toBeNull();
  });
});
