/**
 * The head of a record batch, format 2 (KIP-98). All of it can be read, and what a broker changes can be changed,
 * without touching the records.
 *
 *   0 baseOffset i64 | 8 length i32 | 12 partitionLeaderEpoch i32 | 16 magic i8 = 2 | 17 crc u32 (of what follows)
 *   21 attributes i16 | 23 lastOffsetDelta i32 | 27 baseTimestamp i64 | 35 maxTimestamp i64
 *   43 producerId i64 | 51 producerEpoch i16 | 53 baseSequence i32 | 57 recordCount i32 | 61 records
 */
import { strict as assert } from 'node:assert';

import { crc32c } from './crc32c.js';

export const BATCH_HEADER_BYTES = 61;
/** Base offset and length, which `length` does not count. */
export const BATCH_PREFIX_BYTES = 12;
export const BATCH_MAGIC = 2;
export const NO_PRODUCER_ID = -1;
export const NO_SEQUENCE = -1;

const at = {
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

export const Compression = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
export type Compression = (typeof Compression)[keyof typeof Compression];

const COMPRESSION_MASK = 0x07;
const LOG_APPEND_TIME_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;
const TWO_POW_32 = 0x1_0000_0000;

export interface BatchHeader {
  readonly baseOffset: number;
  /** Of the whole batch, prefix included. */
  readonly sizeBytes: number;
  readonly leaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

function int64(buffer: Buffer, from: number): number {
  return buffer.readInt32BE(from) * TWO_POW_32 + buffer.readUInt32BE(from + 4);
}

function putInt64(buffer: Buffer, value: number, at64: number): void {
  const high = Math.floor(value / TWO_POW_32);
  buffer.writeInt32BE(high, at64);
  buffer.writeUInt32BE(value - high * TWO_POW_32, at64 + 4);
}

/** @param start where the batch begins; its header must be there whole */
export function readBatchHeader(buffer: Buffer, start = 0): BatchHeader {
  assert(buffer.length - start >= BATCH_HEADER_BYTES, `a batch header of ${buffer.length - start} bytes`);
  const baseOffset = int64(buffer, start);
  return {
    baseOffset,
    sizeBytes: buffer.readInt32BE(start + at.length) + BATCH_PREFIX_BYTES,
    leaderEpoch: buffer.readInt32BE(start + at.leaderEpoch),
    magic: buffer.readInt8(start + at.magic),
    crc: buffer.readUInt32BE(start + at.crc),
    attributes: buffer.readInt16BE(start + at.attributes),
    lastOffset: baseOffset + buffer.readInt32BE(start + at.lastOffsetDelta),
    baseTimestamp: int64(buffer, start + at.baseTimestamp),
    maxTimestamp: int64(buffer, start + at.maxTimestamp),
    producerId: int64(buffer, start + at.producerId),
    producerEpoch: buffer.readInt16BE(start + at.producerEpoch),
    baseSequence: buffer.readInt32BE(start + at.baseSequence),
    recordCount: buffer.readInt32BE(start + at.recordCount),
  };
}

export const compressionOf = ({ attributes }: BatchHeader): number => attributes & COMPRESSION_MASK;
export const isTransactional = ({ attributes }: BatchHeader): boolean => (attributes & TRANSACTIONAL_BIT) !== 0;
export const isControl = ({ attributes }: BatchHeader): boolean => (attributes & CONTROL_BIT) !== 0;
/** The sequence number of the last record; sequences wrap from 2^31-1 to 0. */
export const lastSequenceOf = ({ baseSequence, baseOffset, lastOffset }: BatchHeader): number =>
  baseSequence === NO_SEQUENCE ? NO_SEQUENCE : addSequence(baseSequence, lastOffset - baseOffset);

export const addSequence = (sequence: number, by: number): number => (sequence + by) % 0x8000_0000;

export const attributesOf = (options: {
  readonly compression?: Compression;
  readonly transactional?: boolean;
  readonly control?: boolean;
}): number =>
  (options.compression ?? Compression.none) |
  (options.transactional === true ? TRANSACTIONAL_BIT : 0) |
  (options.control === true ? CONTROL_BIT : 0);

/** Over attributes and all behind them: base offset and leader epoch may change without it. */
export const batchCrc = (batch: Buffer): number => crc32c(batch.subarray(at.attributes));

/** What a leader fills in when it appends. The CRC does not cover it. */
export function placeBatch(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  putInt64(batch, baseOffset, 0);
  batch.writeInt32BE(leaderEpoch, at.leaderEpoch);
}

/** Marks the batch with the broker's own time, which the CRC does cover. */
export function stampAppendTime(batch: Buffer, nowMs: number): void {
  batch.writeInt16BE(batch.readInt16BE(at.attributes) | LOG_APPEND_TIME_BIT, at.attributes);
  putInt64(batch, nowMs, at.maxTimestamp);
  batch.writeUInt32BE(batchCrc(batch), at.crc);
}

export interface BatchHead {
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/** The batch: head, then `payload` as it is, compressed or not. */
export function writeBatch(head: BatchHead, payload: Buffer): Buffer {
  const batch = Buffer.allocUnsafe(BATCH_HEADER_BYTES + payload.length);
  putInt64(batch, head.baseOffset, 0);
  batch.writeInt32BE(batch.length - BATCH_PREFIX_BYTES, at.length);
  batch.writeInt32BE(head.leaderEpoch, at.leaderEpoch);
  batch.writeInt8(BATCH_MAGIC, at.magic);
  batch.writeInt16BE(head.attributes, at.attributes);
  batch.writeInt32BE(head.lastOffsetDelta, at.lastOffsetDelta);
  putInt64(batch, head.baseTimestamp, at.baseTimestamp);
  putInt64(batch, head.maxTimestamp, at.maxTimestamp);
  putInt64(batch, head.producerId, at.producerId);
  batch.writeInt16BE(head.producerEpoch, at.producerEpoch);
  batch.writeInt32BE(head.baseSequence, at.baseSequence);
  batch.writeInt32BE(head.recordCount, at.recordCount);
  payload.copy(batch, BATCH_HEADER_BYTES);
  batch.writeUInt32BE(batchCrc(batch), at.crc);
  return batch;
}
