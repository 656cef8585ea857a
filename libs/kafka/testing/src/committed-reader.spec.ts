import {
  attributesOf,
  buildBatch,
  buildTxnMarker,
  placeBatch,
  splitBatches,
  type Batch,
} from '@menagerie/kafka-protocol';
import { describe, expect, it } from 'vitest';

import { committedBatches } from './committed-reader.js';

function at(offset: number, bytes: Buffer): Batch {
  placeBatch(bytes, offset, 0);
  return splitBatches(bytes)[0]!;
}

const data = (offset: number, producerId: number, transactional = true) => {
  const records = [{ key: null, value: Buffer.from(`${offset}`), timestamp: 0 }];
  const attributes = attributesOf({ transactional });
  return at(offset, buildBatch(records, { producerId, producerEpoch: 0, baseSequence: 0, attributes }));
};
const marker = (offset: number, producerId: number, committed: boolean) =>
  at(offset, buildTxnMarker({ producerId, producerEpoch: 0, committed, coordinatorEpoch: 0 }, 0));

const seen = (batches: readonly Batch[], aborted: Parameters<typeof committedBatches>[1]) =>
  committedBatches(batches, aborted).map(({ header }) => header.baseOffset);

describe('what a reader of committed data is given', () => {
  it('is neither a marker nor what belongs to an aborted transaction', () => {
    const log = [data(0, 7), data(1, 8), marker(2, 7, false), marker(3, 8, true), data(4, 9, false)];
    expect(seen(log, [{ producerId: 7, firstOffset: 0 }])).toEqual([1, 4]);
  });

  it('goes on with the same producer behind each of its aborted transactions, in whatever order those are told', () => {
    const log = [data(0, 7), marker(1, 7, false), data(2, 7), marker(3, 7, true), data(4, 7), marker(5, 7, false)];
    const aborted = [
      { producerId: 7, firstOffset: 4 },
      { producerId: 7, firstOffset: 0 },
    ];
    expect(seen(log, aborted)).toEqual([2]);
  });

  it('is nothing of a transaction in the midst of which the reading begins', () => {
    const log = [data(5, 7), marker(6, 7, false), data(7, 7), marker(8, 7, false), data(9, 7)];
    const aborted = [
      { producerId: 7, firstOffset: 3 },
      { producerId: 7, firstOffset: 7 },
    ];
    expect(seen(log, aborted)).toEqual([9]);
  });
});
