import { describe, expect, it } from 'vitest';
import { nextResourceManager } from './failover.js';

const options = { sleepBaseMs: 500, sleepMaxMs: 15_000 };
const sleeps = (count: number, failures: number) =>
  Array.from({ length: failures }, (_, at) => nextResourceManager(0, count, at + 1, 1, options).sleepMs);

describe('failover', () => {
  it('goes round all ResourceManagers', () => {
    expect([0, 1, 2].map((failed) => nextResourceManager(failed, 3, 1, 0, options).index)).toEqual([1, 2, 0]);
  });

  it('switches at once while there is one that was not asked, then waits twice as long each time', () => {
    expect(sleeps(2, 6)).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000]);
    expect(sleeps(3, 5)).toEqual([0, 0, 500, 1_000, 2_000]);
    expect(sleeps(1, 3)).toEqual([0, 500, 1_000]);
  });

  it('never waits longer than the limit, however long it has been going on', () => {
    expect(nextResourceManager(0, 2, 100_000, 1, options).sleepMs).toBe(15_000);
  });

  it('spreads the pauses of many clients over half of their length', () => {
    expect(nextResourceManager(0, 2, 3, 0, options).sleepMs).toBe(500);
    expect(nextResourceManager(0, 2, 3, 1, options).sleepMs).toBe(1_000);
  });
});
