import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { CorruptBatchError } from '../errors.js';
import { ErrorCode } from '../errors/error-codes.js';
import {
  BATCH_HEADER_BYTES,
  Compression,
  placeBatch,
  readBatchHeader,
  stampAppendTime,
  writeBatch,
} from './batch-header.js';
import { buildTxnMarker, readTxnMarker } from './control-record.js';
import { crc32c } from './crc32c.js';
import { buildBatch, readRecords } from './records.js';
import { splitBatches, splitWholeBatches } from './split-batches.js';

const record = { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 1000, headers: [] };

describe('record batches', () => {
  it('the checksum is Castagnoli (RFC 3720, B.4)', () => {
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  });

  it('what is built is read again', () => {
    const blob = fc.option(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      { nil: null },
    );
    const anyRecord = fc.record({
      key: blob,
      value: blob,
      timestamp: fc.integer({ min: 0, max: 2_000_000_000_000 }),
      headers: fc.array(fc.record({ key: fc.string(), value: blob }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), fc.nat(2 ** 40), (records, baseOffset) => {
        const [batch] = splitBatches(buildBatch(records, { baseOffset }));
        const read = readRecords(batch!);
        expect(read).toEqual(records.map((each, index) => ({ ...each, offset: baseOffset + index })));
      }),
    );
  });

  it('a broker may place it without touching the checksum', () => {
    const bytes = buildBatch([record, record]);
    placeBatch(bytes, 5_000_000_000, 9);
    const [batch] = splitBatches(bytes);
    expect(batch?.header).toMatchObject({ baseOffset: 5_000_000_000, lastOffset: 5_000_000_001, leaderEpoch: 9 });
    stampAppendTime(bytes, 12345);
    expect(splitBatches(bytes)[0]?.header.maxTimestamp).toBe(12345);
  });

  it('any flipped bit behind the checksum is found', () => {
    const bytes = buildBatch([record]);
    for (let at = 17; at < bytes.length; at++) {
      const broken = Buffer.from(bytes);
      broken[at]! ^= 0x10;
      expect(() => splitBatches(broken), `byte ${at}`).toThrow(CorruptBatchError);
    }
  });

  it('cut short it is corrupt for a producer, and left out of an answer to a fetch', () => {
    const bytes = buildBatch([record]);
    const both = Buffer.concat([bytes, bytes]);
    for (let end = bytes.length + 1; end < both.length; end++) {
      expect(() => splitBatches(both.subarray(0, end)), `${end} bytes`).toThrow(CorruptBatchError);
      expect(splitWholeBatches(both.subarray(0, end))).toHaveLength(1);
    }
  });

  it.each([0, 1])('format %i is refused as an invalid record', (magic) => {
    const bytes = buildBatch([record]);
    bytes.writeInt8(magic, 16);
    expect(() => splitBatches(bytes)).toThrow(expect.objectContaining({ errorCode: ErrorCode.INVALID_RECORD }));
  });

  it('more records than offsets are refused', () => {
    const bytes = writeBatch({ ...headOf(buildBatch([record])), recordCount: 2 }, Buffer.alloc(10));
    expect(() => splitBatches(bytes)).toThrow(expect.objectContaining({ errorCode: ErrorCode.INVALID_RECORD }));
  });

  it('gzip is looked into; what else is compressed is passed through unread', () => {
    const plain = buildBatch([record, record]);
    const gzip = writeBatch(
      { ...headOf(plain), attributes: Compression.gzip },
      gzipSync(plain.subarray(BATCH_HEADER_BYTES)),
    );
    expect(readRecords(splitBatches(gzip)[0]!)).toHaveLength(2);
    const zstd = writeBatch({ ...headOf(plain), attributes: Compression.zstd }, Buffer.from('whatever'));
    const [batch] = splitBatches(zstd);
    expect(() => readRecords(batch!)).toThrow(
      expect.objectContaining({ errorCode: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE }),
    );
  });

  it('a marker says who, and how it ended', () => {
    const marker = { producerId: 3000, producerEpoch: 2, committed: false, coordinatorEpoch: 5 };
    expect(readTxnMarker(splitBatches(buildTxnMarker(marker, 1))[0]!)).toEqual(marker);
  });
});

function headOf(bytes: Buffer) {
  const header = readBatchHeader(bytes);
  return { ...header, lastOffsetDelta: header.lastOffset - header.baseOffset };
}
