import { describe, expect, it } from 'vitest';

import { faultsOf } from './load.js';

describe('what was acknowledged against what was read', () => {
  it.each([
    [[0, 1, 2], [0, 1, 2], ''],
    [[0, 1], [0, 1, 2], ''],
    [[0, 1, 2], [0, 2], '1 lost'],
    [[0, 1], [0, 1, 1], '1 more than once'],
    [[0, 1, 2], [0, 2, 1], '1 out of order'],
    [[0, 1, 2], [2, 2], '2 lost, 1 more than once'],
  ])('%j, read %j: %j', (acknowledged, read, faults) => {
    expect(faultsOf(acknowledged, read)).toBe(faults);
  });
});
