import { describe, expect, it } from 'vitest';
import { describeStall, lookIntervalMs, stallBetween } from './stall-watch.js';

const before = { atMs: 1_000, cpuMs: 500 };
const after = (atMs: number, cpuMs: number) => ({
  atMs: before.atMs + lookIntervalMs(9_000) + atMs,
  cpuMs: 500 + cpuMs,
});

describe('a standstill', () => {
  it('is worth a word when a ping was not sent for it', () => {
    expect(stallBetween(before, after(2_999, 0), 9_000)).toBeNull();
    expect(stallBetween(before, after(3_000, 0), 9_000)).not.toBeNull();
  });

  it('is the event loop when the process computed meanwhile, and something else when it did not', () => {
    const busy = stallBetween(before, after(4_000, 3_900), 9_000)!;
    expect(busy).toEqual({ durationMs: 4_000, cpuMs: 3_900, cause: 'busy', sessionTimeoutMs: 9_000 });
    expect(describeStall(busy)).toMatch(/event loop was busy for 4000 ms .* session lasts 9000 ms/);
    const stopped = stallBetween(before, after(4_000, 10), 9_000)!;
    expect(stopped.cause).toBe('stopped');
    expect(describeStall(stopped)).toMatch(/did not run for 4000 ms/);
  });

  it('is looked for ten times a session, and neither all the time nor hardly ever', () => {
    expect([100, 5_000, 600_000].map(lookIntervalMs)).toEqual([50, 500, 1_000]);
  });
});
