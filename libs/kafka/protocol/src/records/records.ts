/**
 * The records inside a batch. Brokers pass them through; they read them to compact, to look times up, and where the
 * records are their own: offsets, transactions, markers.
 *
 *   record = length varint, attributes i8, timestampDelta varlong, offsetDelta varint, key, value, headers
 *   key, value = length varint (-1 null), bytes;  headers = count varint, (key, value)*
 */
import { gunzipSync } from 'node:zlib';

import { CorruptBatchError } from '../errors.js';
import { ErrorCode } from '../errors/error-codes.js';
import { Reader } from '../wire/reader.js';
import { Writer } from '../wire/writer.js';
import {
  attributesOf,
  BATCH_HEADER_BYTES,
  Compression,
  compressionOf,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  writeBatch,
} from './batch-header.js';
import type { Batch } from './split-batches.js';

export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

export interface KafkaRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  /** Null is a tombstone: compaction forgets the key. */
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
}

/** A gzip bomb stops here: no batch a broker takes holds more. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;

/** Whether `readRecords` can look inside: Node of this age unpacks gzip only. */
export const isReadable = ({ header }: Batch): boolean => {
  const compression = compressionOf(header);
  return compression === Compression.none || compression === Compression.gzip;
};

/** @throws CorruptBatchError when the records are not what the head says, or `isReadable` is false */
export function readRecords(batch: Batch): readonly KafkaRecord[] {
  const { header, bytes } = batch;
  const packed = bytes.subarray(BATCH_HEADER_BYTES);
  const reader = new Reader(unpack(batch, packed));
  const records: KafkaRecord[] = [];
  try {
    for (let index = 0; index < header.recordCount; index++) {
      const length = reader.varint();
      const end = reader.offset + length;
      reader.int8();
      const timestamp = header.baseTimestamp + reader.varlong();
      const offset = header.baseOffset + reader.varint();
      const key = blob(reader);
      const value = blob(reader);
      const headers: RecordHeader[] = [];
      for (let left = reader.varint(); left > 0; left--) {
        const name = reader.text(reader.varint());
        headers.push({ key: name, value: blob(reader) });
      }
      if (reader.offset !== end) throw new Error(`a record ends at ${end}, its fields at ${reader.offset}`);
      records.push({ offset, timestamp, key, value, headers });
    }
  } catch (error) {
    throw new CorruptBatchError(`expected ${header.recordCount} records: ${String(error)}`, ErrorCode.INVALID_RECORD);
  }
  return records;
}

function unpack({ header }: Batch, packed: Buffer): Buffer {
  const compression = compressionOf(header);
  if (compression === Compression.none) return packed;
  if (compression !== Compression.gzip) {
    throw new CorruptBatchError(
      `expected no compression or gzip, got ${compression}`,
      ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
    );
  }
  try {
    return gunzipSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    throw new CorruptBatchError(`expected gzip: ${String(error)}`, ErrorCode.CORRUPT_MESSAGE);
  }
}

function blob(reader: Reader): Buffer | null {
  const length = reader.varint();
  return length < 0 ? null : reader.bytes(length);
}

export interface NewRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly headers?: readonly RecordHeader[];
  /** Default: one after the other. Compaction keeps gaps. */
  readonly offset?: number;
}

export interface BatchOptions {
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  /** Compression is not done here: it is cleared. */
  readonly attributes?: number;
  /** Default: that of the last record. */
  readonly lastOffset?: number;
}

/** A batch of uncompressed records, at least one. */
export function buildBatch(records: readonly NewRecord[], options: BatchOptions = {}): Buffer {
  const baseOffset = options.baseOffset ?? 0;
  const baseTimestamp = records[0]?.timestamp ?? -1;
  let maxTimestamp = baseTimestamp;
  let lastOffset = baseOffset;
  const payload = new Writer();
  records.forEach((record, index) => {
    const offset = record.offset ?? baseOffset + index;
    lastOffset = offset;
    maxTimestamp = Math.max(maxTimestamp, record.timestamp);
    const body = new Writer();
    body.int8(0);
    body.varint(record.timestamp - baseTimestamp);
    body.varint(offset - baseOffset);
    putBlob(body, record.key);
    putBlob(body, record.value);
    const headers = record.headers ?? [];
    body.varint(headers.length);
    for (const { key, value } of headers) {
      putBlob(body, Buffer.from(key));
      putBlob(body, value);
    }
    payload.varint(body.length);
    for (const piece of body.take()) payload.bytes(piece);
  });
  return writeBatch(
    {
      baseOffset,
      leaderEpoch: options.leaderEpoch ?? -1,
      attributes: (options.attributes ?? attributesOf({})) & ~0x07,
      lastOffsetDelta: (options.lastOffset ?? lastOffset) - baseOffset,
      baseTimestamp,
      maxTimestamp,
      producerId: options.producerId ?? NO_PRODUCER_ID,
      producerEpoch: options.producerEpoch ?? -1,
      baseSequence: options.baseSequence ?? NO_SEQUENCE,
      recordCount: records.length,
    },
    payload.toBuffer(),
  );
}

function putBlob(writer: Writer, value: Buffer | null): void {
  if (value === null) return writer.varint(-1);
  writer.varint(value.length);
  writer.bytes(value);
}
