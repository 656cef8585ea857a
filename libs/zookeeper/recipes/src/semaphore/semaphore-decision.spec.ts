import { describe, expect, it } from 'vitest';
import { decideLease } from './semaphore-decision.js';

const lease = (n: number) => `_c_x-lease-${String(n).padStart(10, '0')}`;
const line = [lease(3), lease(1), lease(2), 'notes'];

describe('a semaphore of two', () => {
  it('is held by the first two in line', () => {
    expect(decideLease(2)(line, lease(1)).kind).toBe('held');
    expect(decideLease(2)(line, lease(2)).kind).toBe('held');
  });
  it('lets the third wait for any change', () => {
    expect(decideLease(2)(line, lease(3)).kind).toBe('wait-for-any');
  });
  it('notices that the own lease is gone', () => {
    expect(decideLease(2)(line, lease(9)).kind).toBe('gone');
  });
});
