import { describe, expect, it } from 'vitest';
import { decideLock, decideLockAsHerd } from './lock-decision.js';

const [first, second, third] = ['_c_a-lock-0000000004', '_c_b-lock-0000000005', '_c_c-lock-0000000009'];
const line = [third, 'notes', first, second, 'x-read-0000000001'];

describe('an exclusive lock', () => {
  it('is held by the first in line, strangers not counted', () => {
    expect(decideLock(line, first)).toEqual({ kind: 'held' });
  });
  it('lets each waiter wait for the one directly before', () => {
    expect(decideLock(line, third)).toEqual({ kind: 'wait', on: [second] });
    expect(decideLock(line, second)).toEqual({ kind: 'wait', on: [first] });
  });
  it('notices that the own node is gone', () => {
    expect(decideLock(line, '_c_d-lock-0000000006')).toEqual({ kind: 'gone' });
    expect(decideLockAsHerd(line, '_c_d-lock-0000000006')).toEqual({ kind: 'gone' });
  });
  it('as a herd lets everybody wait for any change', () => {
    expect(decideLockAsHerd(line, first)).toEqual({ kind: 'held' });
    expect(decideLockAsHerd(line, third)).toEqual({ kind: 'wait-for-any' });
  });
});
