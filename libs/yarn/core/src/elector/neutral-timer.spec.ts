import { describe, expect, it } from 'vitest';
import { NeutralTimer } from './neutral-timer.js';

describe('neutral', () => {
  it('lasts one session timeout from its beginning', () => {
    const timer = new NeutralTimer(10_000);
    expect(timer.remainingMs(0)).toBeNull();
    timer.entered(1_000);
    timer.entered(5_000);
    expect(timer.remainingMs(5_000)).toBe(6_000);
    expect(timer.remainingMs(60_000)).toBe(0);
  });

  it('ends when it is known again who is active', () => {
    const timer = new NeutralTimer(10_000);
    timer.entered(0);
    timer.settled();
    expect(timer.remainingMs(60_000)).toBeNull();
    timer.entered(70_000);
    expect(timer.remainingMs(70_000)).toBe(10_000);
  });
});
