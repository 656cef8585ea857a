import { describe, expect, it } from 'vitest';

import { append, folder, marker, open } from '../__fixtures__/logs.js';

describe('aborted transactions that overlap', () => {
  it('are told in the order in which they began, whichever was aborted first', () => {
    const log = open(folder());
    append(log, ['a'], 1000, { id: 1, sequence: 0, transactional: true });
    append(log, ['b'], 1000, { id: 2, sequence: 0, transactional: true });
    marker(log, 2, false);
    marker(log, 1, false);
    const told = log.abortedTransactions(0, 4).map(({ producerId, firstOffset }) => [producerId, firstOffset]);
    expect(told).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });
});
