/** Cuts a run of batches apart and checks each one, before anything of it is stored. */
import { CorruptBatchError } from '../errors.js';
import { ErrorCode } from '../errors/error-codes.js';
import {
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  BATCH_PREFIX_BYTES,
  batchCrc,
  type BatchHeader,
  readBatchHeader,
} from './batch-header.js';

export interface Batch {
  readonly header: BatchHeader;
  /** A view of all its bytes. */
  readonly bytes: Buffer;
}

/** Where magic is, in every format. */
const MAGIC_AT = 16;
/** Offset, size, crc, magic of formats 0 and 1. */
const SMALLEST_BATCH_BYTES = 17;

/**
 * The batches of a produce request, or of a leader's answer to a follower.
 *
 * @throws CorruptBatchError `CORRUPT_MESSAGE` for what is cut short, has a wrong length or checksum, `INVALID_RECORD`
 *   for another magic or counts that contradict each other
 */
export function splitBatches(buffer: Buffer): readonly Batch[] {
  const batches: Batch[] = [];
  for (let at = 0; at < buffer.length;) {
    const batch = checkedBatch(buffer, at);
    batches.push(batch);
    at += batch.header.sizeBytes;
  }
  return batches;
}

/** As above, but a last batch that is cut short is left out: a fetch answer may end anywhere. */
export function splitWholeBatches(buffer: Buffer): readonly Batch[] {
  return splitBatches(buffer.subarray(0, wholeBatchesBytes(buffer)));
}

/** How many bytes from the front are whole batches, going by their lengths only. */
export function wholeBatchesBytes(buffer: Buffer): number {
  let at = 0;
  while (buffer.length - at >= BATCH_PREFIX_BYTES) {
    const size = buffer.readInt32BE(at + 8) + BATCH_PREFIX_BYTES;
    if (size < BATCH_PREFIX_BYTES || buffer.length - at < size) break;
    at += size;
  }
  return at;
}

function checkedBatch(buffer: Buffer, start: number): Batch {
  const left = buffer.length - start;
  if (left >= SMALLEST_BATCH_BYTES) {
    const magic = buffer.readInt8(start + MAGIC_AT);
    if (magic !== BATCH_MAGIC)
      throw new CorruptBatchError(`expected record format ${BATCH_MAGIC}, got ${magic}`, ErrorCode.INVALID_RECORD);
  }
  if (left < BATCH_HEADER_BYTES) throw corrupt(`expected a batch of at least ${BATCH_HEADER_BYTES} bytes, got ${left}`);
  const header = readBatchHeader(buffer, start);
  if (header.sizeBytes < BATCH_HEADER_BYTES || header.sizeBytes > left) {
    throw corrupt(`expected a batch of ${BATCH_HEADER_BYTES} to ${left} bytes, got ${header.sizeBytes}`);
  }
  const bytes = buffer.subarray(start, start + header.sizeBytes);
  const crc = batchCrc(bytes);
  if (crc !== header.crc) throw corrupt(`expected checksum ${header.crc}, got ${crc}`);
  // A batch from a producer is dense: one offset a record. A compacted one keeps its last offset and has fewer.
  const offsets = header.lastOffset - header.baseOffset + 1;
  if (offsets < 1 || header.recordCount < 0 || header.recordCount > offsets) {
    throw new CorruptBatchError(
      `expected 1 to ${offsets} records, got ${header.recordCount}`,
      ErrorCode.INVALID_RECORD,
    );
  }
  return { header, bytes };
}

const corrupt = (message: string) => new CorruptBatchError(message, ErrorCode.CORRUPT_MESSAGE);
