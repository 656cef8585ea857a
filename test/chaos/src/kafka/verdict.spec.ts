import { describe, expect, it } from 'vitest';

import { faultOfDelivery, faultOfLog } from './verdict.js';

describe('the verdict on a log', () => {
  it.each([
    [[0, 1, 2], [0, 1, 2], null],
    [[0, 1, 2], [0, 2], '1 of 3 are lost, the first is 1'],
    [[0, 1, 2], [0, 1, 1, 2], '1 is there twice: at 1'],
    [[0, 1, 2], [0, 2, 1], '1 comes behind 2'],
    [[0, 1], [0, 1, 2], '1 that nobody acknowledged'],
  ])('acknowledged %j, found %j: %s', (acknowledged, found, fault) => {
    expect(faultOfLog(acknowledged, found, (number) => `at ${number}`)).toBe(fault);
  });

  it('of a group: each number at least once', () => {
    expect(faultOfDelivery([0, 1], new Set([1, 0]))).toBeNull();
    expect(faultOfDelivery([0, 1], new Set([0]))).toBe('1 never delivered, the first is 1');
  });
});
