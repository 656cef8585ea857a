import { describe, expect, it } from 'vitest';
import { checkTransition } from './transitions.js';

describe('a role', () => {
  it.each([
    ['starting', 'looking'],
    ['starting', 'standalone'],
    ['looking', 'leading'],
    ['looking', 'following'],
    ['looking', 'observing'],
    ['leading', 'looking'],
    ['following', 'looking'],
    ['observing', 'looking'],
    ['leading', 'halted'],
  ] as const)('may change from %s to %s', (from, to) => {
    expect(() => checkTransition(from, to)).not.toThrow();
  });

  it.each([
    ['following', 'leading'],
    ['leading', 'following'],
    ['standalone', 'looking'],
    ['halted', 'looking'],
    ['looking', 'starting'],
  ] as const)('may not change from %s to %s', (from, to) => {
    expect(() => checkTransition(from, to)).toThrow(`after ${from}, got ${to}`);
  });
});
