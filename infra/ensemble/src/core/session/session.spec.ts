import { CONTAINER_OWNER, ErrorCode, serverIdOf } from '@menagerie/zookeeper-protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expiring, ExpiryBuckets, SessionIds, SessionTracker, TouchTable } from './index.js';

const TICK_MS = 2000;
const newTracker = (known: [bigint, number][] = []): SessionTracker => new SessionTracker(TICK_MS, known, 0);

describe('expiry buckets', () => {
  it('expire a thing after its timeout and at most one interval later, however it was renewed', () => {
    const step = fc.record({ passMs: fc.nat(900), renewMs: fc.option(fc.integer({ min: 1, max: 9000 })) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const buckets = new ExpiryBuckets<Expiring>(1000, 1000);
        const thing = { expiresAtMs: 0, bucketMs: 0 };
        let nowMs = 5;
        let deadlineMs = nowMs + 3000;
        buckets.renew(thing, nowMs, 3000);
        let alive = true;
        for (const { passMs, renewMs } of steps) {
          nowMs += passMs;
          const expired = buckets.takeExpired(nowMs).length > 0;
          if (expired) {
            expect(nowMs).toBeGreaterThan(deadlineMs);
            alive = false;
          }
          expect(alive && nowMs > deadlineMs + 1000).toBe(false);
          if (alive && renewMs !== null) {
            buckets.renew(thing, nowMs, renewMs);
            deadlineMs = nowMs + renewMs;
          }
        }
      }),
    );
  });

  it('forget what was removed', () => {
    const buckets = new ExpiryBuckets<Expiring>(1000, 1000);
    const thing = { expiresAtMs: 0, bucketMs: 0 };
    buckets.renew(thing, 0, 100);
    buckets.remove(thing);
    expect(buckets.takeExpired(1000)).toEqual([]);
    expect(buckets.nextMs()).toBeNull();
  });

  it('give one more interval when asked much too late', () => {
    const buckets = new ExpiryBuckets<Expiring>(1000, 1000);
    const thing = { expiresAtMs: 0, bucketMs: 0 };
    buckets.renew(thing, 0, 100);
    expect(buckets.takeExpired(50_000)).toEqual([]);
    expect(buckets.takeExpired(51_000)).toEqual([thing]);
  });
});

describe('the session tracker', () => {
  it('gives the sessions it starts with their full timeout', () => {
    const tracker = newTracker([[1n, 5000]]);
    expect(tracker.takeExpired(4999)).toEqual([]);
    expect(tracker.takeExpired(6000).map(({ id }) => id)).toEqual([1n]);
  });

  it('ends a session once: it is closing from then on, and nothing keeps it alive', () => {
    const tracker = newTracker([[1n, 1000]]);
    expect(tracker.takeExpired(2000)).toHaveLength(1);
    expect(tracker.touch(1n, 1000, 2000)).toBe(false);
    expect(tracker.setOwner(1n, 2)).toBe(false);
    expect(tracker.check(1n, 2)).toBe(ErrorCode.SessionExpired);
    expect(tracker.takeExpired(4000)).toEqual([]);
    tracker.remove(1n);
    expect(tracker.size).toBe(0);
  });

  it('does not expire a session whose end is on the way already', () => {
    const tracker = newTracker([[1n, 1000]]);
    tracker.markClosing(1n);
    expect(tracker.takeExpired(2000)).toEqual([]);
  });

  it('lets the first server that asks act for a session, and refuses others until it moves', () => {
    const tracker = newTracker([[1n, 1000]]);
    expect(tracker.check(1n, 7)).toBe(ErrorCode.Ok);
    expect(tracker.check(1n, 8)).toBe(ErrorCode.SessionMoved);
    expect(tracker.setOwner(1n, 8)).toBe(true);
    expect(tracker.check(1n, 8)).toBe(ErrorCode.Ok);
    expect(tracker.check(1n, 7)).toBe(ErrorCode.SessionMoved);
    expect(tracker.check(2n, 7)).toBe(ErrorCode.SessionExpired);
  });
});

describe('the touch table', () => {
  it('tells each session once, with its newest timeout', () => {
    const table = new TouchTable();
    table.touch(1n, 10);
    table.touch(2n, 20);
    table.touch(1n, 30);
    table.remove(2n);
    expect(table.take()).toEqual([{ sessionId: 1n, timeoutMs: 30 }]);
    expect(table.take()).toEqual([]);
    expect(table.round).toBe(3);
  });
});

describe('session ids', () => {
  it('carry the server in their top byte, above 127 too (ZOOKEEPER-1622)', () => {
    for (const serverId of [0, 1, 127, 128, 254]) {
      expect(serverIdOf(new SessionIds(serverId, 1_795_238_856_979).next(() => false))).toBe(serverId);
    }
  });

  it('are never used twice, not even if the clock was set back', () => {
    const taken = new Set<bigint>();
    const ids = new SessionIds(1, 1000);
    for (let i = 0; i < 5; i++) taken.add(ids.next((id) => taken.has(id)));
    const again = new SessionIds(1, 1000).next((id) => taken.has(id));
    expect(taken.has(again)).toBe(false);
    expect(taken.size).toBe(5);
  });

  it('leave out the one that marks containers', () => {
    expect(new SessionIds(128, 0).next(() => false)).not.toBe(CONTAINER_OWNER);
  });
});
