/** The marker that ends a transaction in each partition it wrote to: a batch of one record, with a control bit. */
import { attributesOf } from './batch-header.js';
import { buildBatch, readRecords } from './records.js';
import type { Batch } from './split-batches.js';

const ABORT = 0;
const COMMIT = 1;

export interface TxnMarker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly committed: boolean;
  readonly coordinatorEpoch: number;
}

/** key = version i16 = 0, type i16;  value = version i16 = 0, coordinatorEpoch i32 */
export function buildTxnMarker(marker: TxnMarker, timestamp: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(marker.committed ? COMMIT : ABORT, 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  return buildBatch([{ key, value, timestamp }], {
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    attributes: attributesOf({ transactional: true, control: true }),
  });
}

/** Null for a control record of a kind we do not know. */
export function readTxnMarker(batch: Batch): TxnMarker | null {
  const { key, value } = readRecords(batch)[0] ?? {};
  const type = key && key.length >= 4 ? key.readInt16BE(2) : -1;
  if (type !== ABORT && type !== COMMIT) return null;
  const { producerId, producerEpoch } = batch.header;
  return {
    producerId,
    producerEpoch,
    committed: type === COMMIT,
    coordinatorEpoch: value && value.length >= 6 ? value.readInt32BE(2) : -1,
  };
}
