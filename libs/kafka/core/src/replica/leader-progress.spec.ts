import { describe, expect, it } from 'vitest';

import { LeaderProgress } from './leader-progress.js';

const isr = [1, 2, 3];

describe('a leader and its followers', () => {
  it('commits what everybody in sync has, and nothing before their first fetch', () => {
    const progress = new LeaderProgress([2, 3], 0, 0);
    expect(progress.committedOffset(isr, 10)).toBe(0);
    progress.fetched(2, 8, 10, 1);
    progress.fetched(3, 10, 10, 1);
    expect(progress.committedOffset(isr, 10)).toBe(8);
    expect(progress.committedOffset([1, 3], 10)).toBe(10);
    expect(progress.committedOffset([1], 12)).toBe(12);
  });

  it('a follower that keeps the pace is in sync, though it never reaches the end of a log that grows', () => {
    const progress = new LeaderProgress([2], 0, 0);
    for (let at = 1; at <= 50; at++) progress.fetched(2, (at - 1) * 10, at * 10, at * 100);
    expect(progress.laggards([1, 2], 510, 5_100, 300)).toEqual([]);
  });

  it('one that stands still, or reads ever further behind, is out after its time', () => {
    const still = new LeaderProgress([2], 0, 0);
    still.fetched(2, 5, 5, 100);
    expect(still.laggards([1, 2], 9, 300, 200)).toEqual([]);
    expect(still.laggards([1, 2], 9, 301, 200)).toEqual([2]);
    // With nothing new to read there is nothing to be behind.
    expect(still.laggards([1, 2], 5, 9_999, 200)).toEqual([]);
    const slow = new LeaderProgress([2], 0, 0);
    for (let at = 1; at <= 10; at++) slow.fetched(2, at, at * 10, at * 100);
    expect(slow.laggards([1, 2], 101, 1_000, 300)).toEqual([2]);
  });

  it('rejoins when it has all that is committed and has read into this leader’s epoch', () => {
    const progress = new LeaderProgress([2], 7, 0);
    progress.fetched(2, 6, 20, 1);
    expect(progress.mayJoin(2, 5)).toBe(false);
    progress.fetched(2, 7, 20, 2);
    expect(progress.mayJoin(2, 8)).toBe(false);
    expect(progress.mayJoin(2, 7)).toBe(true);
  });

  it('knows only its replicas', () => {
    const progress = new LeaderProgress([2], 0, 0);
    expect(progress.fetched(9, 5, 5, 0)).toBe(false);
    progress.setFollowers([9], 0);
    expect(progress.fetched(9, 5, 5, 0)).toBe(true);
    expect(progress.endOffsetOf(2)).toBe(-1);
  });
});
