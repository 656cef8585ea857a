/** HBase's counters: a signed number of eight bytes, the highest first (Bytes.toLong). */
import { CellError } from '../errors.js';

const COUNTER_BYTES = 8;

/** @throws CellError */
export function decodeCounter(value: Buffer | null): bigint {
  if (value === null) return 0n;
  if (value.length !== COUNTER_BYTES) {
    throw new CellError(`increment: expected a counter of ${COUNTER_BYTES} bytes, got ${value.length}`);
  }
  return value.readBigInt64BE();
}

/** Wraps around as Java's does. */
export function encodeCounter(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(COUNTER_BYTES);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value));
  return bytes;
}
