import { describe, expect, it } from 'vitest';
import { ConnectionThrottle, type ConnectionThrottleConfig, NO_CONNECTION_THROTTLE } from './connection-throttle.js';

const throttleOf = (config: Partial<ConnectionThrottleConfig>, random = () => 0.5) =>
  new ConnectionThrottle({ ...NO_CONNECTION_THROTTLE, ...config }, random, 0);

describe('new connections', () => {
  it('are all let in unless a limit is set', () => {
    const throttle = throttleOf({});
    for (let i = 0; i < 10_000; i++) expect(throttle.admits('globalSession', 0)).toBe(true);
  });

  it('are turned away when the tokens are used up, and let in again as they come back', () => {
    const throttle = throttleOf({ tokens: 2, fillTimeMs: 100, fillCount: 1 });
    expect([0, 0, 0].map((nowMs) => throttle.admits('globalSession', nowMs))).toEqual([true, true, false]);
    expect(throttle.admits('globalSession', 100)).toBe(false);
    expect(throttle.admits('globalSession', 101)).toBe(true);
    expect([1000, 1000, 1000].map((nowMs) => throttle.admits('globalSession', nowMs))).toEqual([true, true, false]);
  });

  it('cost what their kind costs', () => {
    const weights = { globalSession: 3, renewSession: 2, localSession: 1 };
    const throttle = throttleOf({ tokens: 5, fillTimeMs: 1000, weights });
    expect(throttle.admits('globalSession', 0)).toBe(true);
    expect(throttle.admits('globalSession', 0)).toBe(false);
    expect(throttle.admits('renewSession', 0)).toBe(true);
    expect(throttle.admits('localSession', 0)).toBe(false);
  });

  it('are turned away by lot the more, the longer there are no tokens, and the less once there are', () => {
    const random = { value: 0.9 };
    const throttle = throttleOf(
      { tokens: 1, fillTimeMs: 1000, freezeTimeMs: 10, dropIncrease: 0.5, dropDecrease: 0.5 },
      () => random.value,
    );
    throttle.admits('globalSession', 0);
    for (const nowMs of [20, 40]) throttle.admits('globalSession', nowMs);
    random.value = 0.4;
    expect(throttle.admits('globalSession', 1100)).toBe(false);
    expect(throttle.admits('globalSession', 1120)).toBe(true);
  });
});
