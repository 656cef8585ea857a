import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, cut } from '../__fixtures__/arbitraries.js';
import { capturedFile, inChunks } from '../__fixtures__/captured.js';
import {
  decodeLogHeader,
  encodeLogHeader,
  encodeLogRecord,
  encodeTxnRecord,
  LOG_HEADER_BYTES,
  LOG_RECORD_OVERHEAD_BYTES,
  LogError,
  LogReader,
  OpCode,
  writeLogRecord,
  zxidOfTxnRecord,
  type LogEnd,
  type LogRecord,
} from '../index.js';

const captured = capturedFile('log.bin');
const FIRST = 0x1_0000_0001n;

/** The record of an empty node's creation. */
const txn = (zxid: bigint, path = '/a'): Buffer =>
  encodeTxnRecord(
    { clientId: 1n, cxid: 1, zxid, timeMs: 1, type: OpCode.create },
    { type: OpCode.create, path, data: null, acl: null, ephemeral: false, parentCVersion: 1 },
    { version: 2, treeDigest: 5n },
  );

const [one, two, three] = [txn(FIRST), txn(FIRST + 1n, '/second'), txn(FIRST + 2n, '/third')];
const log = (...parts: Buffer[]): Buffer => Buffer.concat([encodeLogHeader(), ...parts]);
const whole = [one, two, three].map(encodeLogRecord) as [Buffer, Buffer, Buffer];
const zeros = Buffer.alloc(500);
const endOfTwo = LOG_HEADER_BYTES + whole[0].length + whole[1].length;

function read(file: Buffer, chunkBytes = file.length): { records: LogRecord[]; end: LogEnd } {
  const reader = new LogReader();
  const records = inChunks(file, Math.max(1, chunkBytes)).flatMap((chunk) => reader.push(chunk));
  return { records, end: reader.end() };
}

/** Reads what can be read and returns the error that ended it. */
function damage(file: Buffer, chunkBytes = file.length): { zxids: bigint[]; error: LogError } {
  const reader = new LogReader();
  const zxids: bigint[] = [];
  try {
    for (const chunk of inChunks(file, chunkBytes)) zxids.push(...reader.push(chunk).map(({ zxid }) => zxid));
    reader.end();
  } catch (error) {
    if (error instanceof LogError) return { zxids, error };
    throw error;
  }
  throw new Error('expected a LogError');
}

/** A copy with one byte changed. */
function changed(bytesOf: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytesOf);
  copy[at] = value;
  return copy;
}

describe('a log that Apache wrote', () => {
  const { records, end } = read(captured);

  it('is read to its end, in front of the room taken in advance', () => {
    expect(records.map(({ zxid }) => zxid)).toEqual(Array.from({ length: records.length }, (_, i) => BigInt(i + 1)));
    expect(end).toEqual({ kind: 'clean', offset: records.at(-1)!.endOffset, lastZxid: records.at(-1)!.zxid });
    expect(captured.length).toBeGreaterThan(end.offset);
  });

  it.each([1, 7, 100, 4096])('reads the same %i bytes at a time', (size) => {
    expect(read(captured, size)).toEqual({ records, end });
  });

  it('is what our encoder makes of its transactions', () => {
    const written = log(...records.map((record) => encodeLogRecord(record.bytes)));
    expect(written).toEqual(captured.subarray(0, end.offset));
  });

  it('has the header ours has', () => {
    expect(decodeLogHeader(captured)).toEqual({ magic: 0x5a4b4c47, version: 2, dbId: 0n });
  });

  it('ends torn or clean wherever the machine stopped, and keeps every whole record', () => {
    const ends = [LOG_HEADER_BYTES, ...records.map(({ endOffset }) => endOffset)];
    for (let length = LOG_HEADER_BYTES; length <= end.offset; length++) {
      const last = ends.findLast((endOffset) => endOffset <= length)!;
      const isWhole = last === length;
      for (const file of [captured.subarray(0, length), Buffer.concat([captured.subarray(0, length), zeros])]) {
        const torn = read(file);
        expect(torn.records).toHaveLength(ends.indexOf(last));
        expect(torn.end.offset).toBe(last);
        if (isWhole) expect(torn.end.kind).toBe('clean');
      }
    }
  });
});

describe('the end of a log', () => {
  it('may be right behind a record', () => {
    expect(read(log(...whole)).end).toEqual({
      kind: 'clean',
      offset: endOfTwo + whole[2].length,
      lastZxid: FIRST + 2n,
    });
  });

  it('may be right behind the header', () => {
    expect(read(log()).end).toEqual({ kind: 'clean', offset: LOG_HEADER_BYTES, lastZxid: null });
    expect(read(log(zeros)).end).toEqual({ kind: 'clean', offset: LOG_HEADER_BYTES, lastZxid: null });
  });

  it('stops the reading: what follows the zeros is not looked at', () => {
    const reader = new LogReader();
    expect(reader.push(log(whole[0], zeros, whole[1]))).toHaveLength(1);
    expect(reader.ended).toBe(true);
    expect(reader.push(whole[1])).toEqual([]);
  });

  it('is torn when the record was not finished and nothing follows', () => {
    const file = log(whole[0], whole[1], whole[2].subarray(0, 30));
    expect(read(file).end).toEqual({ kind: 'torn', offset: endOfTwo, lastZxid: FIRST + 1n });
  });

  it('is torn when pages of the last record are still zeros', () => {
    const torn = Buffer.from(whole[2]);
    torn.fill(0, 20);
    expect(read(log(whole[0], whole[1], torn, zeros), 9).end).toEqual({
      kind: 'torn',
      offset: endOfTwo,
      lastZxid: FIRST + 1n,
    });
  });

  it('is torn when only the checksum of the last record was written', () => {
    const file = log(whole[0], whole[1], whole[2].subarray(0, 8), zeros);
    expect(read(file).end).toEqual({ kind: 'torn', offset: endOfTwo, lastZxid: FIRST + 1n });
  });

  it('is torn at the start of a file whose header never reached the disk', () => {
    expect(read(Buffer.alloc(700)).end).toEqual({ kind: 'torn', offset: 0, lastZxid: null });
    expect(read(encodeLogHeader().subarray(0, 10)).end).toEqual({ kind: 'torn', offset: 0, lastZxid: null });
    expect(read(Buffer.alloc(0)).end).toEqual({ kind: 'clean', offset: 0, lastZxid: null });
  });
});

describe('damage', () => {
  it('to the magic says that this is no log', () => {
    const { error } = damage(Buffer.from('not a log at all'));
    expect(error).toMatchObject({ code: 'ZK_LOG_HEADER', offset: 0, lastZxid: null, retryable: false });
  });

  it.each([1, 1000])('to the bytes of a record is found by its checksum, reading %i at a time', (size) => {
    const file = log(whole[0], changed(whole[1], 40, 0xee), whole[2]);
    const { zxids, error } = damage(file, size);
    expect(zxids).toEqual([FIRST]);
    expect(error).toMatchObject({
      code: 'ZK_LOG_CORRUPT',
      offset: LOG_HEADER_BYTES + whole[0].length,
      lastZxid: FIRST,
    });
    expect(error.message).toMatch(/expected the checksum 0x[0-9a-f]+, the record says .* after zxid 0x100000001\)$/);
  });

  it('to the last record is no torn tail when the record is finished', () => {
    expect(damage(log(whole[0], changed(whole[1], 40, 0xee), zeros)).error.code).toBe('ZK_LOG_CORRUPT');
  });

  it('to a checksum is found', () => {
    expect(damage(log(changed(whole[0], 7, whole[0][7]! ^ 1), whole[1])).error).toMatchObject({
      offset: LOG_HEADER_BYTES,
      lastZxid: null,
    });
    expect(damage(log(changed(whole[0], 0, 0x80), whole[1])).error.message).toContain('one that is no checksum');
  });

  it('to an end mark in the middle of the log is not taken for its end', () => {
    const file = log(changed(whole[0], whole[0].length - 1, 0), whole[1]);
    expect(damage(file).error.message).toContain('expected the end mark of the record, and more follows it');
    expect(damage(file, 3).error.offset).toBe(LOG_HEADER_BYTES);
  });

  it.each([0x80, 0x7f])('to a length which makes it impossible (first byte %i) is found', (first) => {
    const { error } = damage(log(whole[0], changed(whole[1], 8, first)));
    expect(error.message).toContain('expected a record of 1 to');
  });

  it('to a length which makes it 0 is not taken for the end', () => {
    const length = Buffer.from(whole[0]);
    length.writeInt32BE(0, 8);
    expect(damage(log(length, whole[1])).error.code).toBe('ZK_LOG_CORRUPT');
  });

  it.each([
    ['beyond the end of the file', [whole[1], whole[2]]],
    ['into the zeros behind the last record', [zeros, zeros]],
  ])('to a length which makes a record reach %s is not taken for a torn tail', (_, rest) => {
    const long = Buffer.from(whole[0]);
    long.writeInt32BE(one!.length + 600, 8);
    const { zxids, error } = damage(log(long, ...rest));
    expect(zxids).toEqual([]);
    expect(error.message).toContain(`expected the length ${one!.length}, which the checksum fits`);
  });

  it('to a record that is too short for a transaction is found', () => {
    expect(damage(log(encodeLogRecord(Buffer.alloc(31, 1)))).error.message).toContain('at least 32 bytes');
  });

  it('behind good records is told after they were handed over', () => {
    const reader = new LogReader();
    const file = log(whole[0], changed(whole[1], 40, 0xee));
    expect(reader.push(file)).toHaveLength(1);
    expect(() => reader.push(Buffer.alloc(1))).toThrow(LogError);
    expect(() => reader.end()).toThrow(LogError);
  });

  it('of one bit anywhere never makes a record read as another', () => {
    const file = log(...whole);
    fc.assert(
      fc.property(fc.nat(file.length * 8 - 1), (bit) => {
        const at = bit >> 3;
        const flipped = changed(file, at, file[at]! ^ (1 << (bit & 7)));
        const reader = new LogReader();
        try {
          const records = reader.push(flipped).map((record) => record.bytes);
          expect([one, two, three].slice(0, records.length)).toEqual(records);
          expect(reader.end().kind === 'clean' && records.length === 3).toBe(
            // The version and dbid of the header are not looked at, and the end mark of the last record tears it.
            at >= 4 && at < LOG_HEADER_BYTES,
          );
        } catch (error) {
          expect(error).toBeInstanceOf(LogError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a log we write', () => {
  it('reads back the same wherever it is cut', () => {
    const records = fc.array(
      fc.tuple(fc.bigInt({ min: 1n, max: 2n ** 62n }), bytes).map(([zxid, tail]) => Buffer.concat([txn(zxid), tail])),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(
        records.chain((all) => fc.tuple(fc.constant(all), cut(log(...all.map(encodeLogRecord), zeros)))),
        ([all, chunks]) => {
          const reader = new LogReader();
          const found = chunks.flatMap((chunk) => reader.push(chunk));
          expect(found.map((record) => record.bytes)).toEqual(all);
          expect(found.map(({ zxid }) => zxid)).toEqual(all.map(zxidOfTxnRecord));
          expect(reader.end()).toMatchObject({ kind: 'clean', offset: found.at(-1)?.endOffset ?? LOG_HEADER_BYTES });
        },
      ),
    );
  });

  it('may be gathered into one buffer', () => {
    const target = Buffer.alloc(one!.length + LOG_RECORD_OVERHEAD_BYTES + 5);
    writeLogRecord(target, 5, one!);
    expect(target.subarray(5)).toEqual(whole[0]);
  });
});
