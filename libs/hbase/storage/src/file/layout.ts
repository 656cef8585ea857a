/**
 * An immutable sorted file: pure. In the manner of HFile (HFile.java), with a layout of our own:
 *
 *     data block ...    cells, sorted; a block ends with the row that passes 64 KiB; followed by u32 crc
 *     bloom filter      over the rows; followed by u32 crc
 *     index             u32 block length (with its crc) | f64 offset | u32 key length | first cell, without value; crc
 *     trailer           f64 bloom offset | f64 index offset | f64 last seq | f64 cells | u32 version | magic | u32 crc
 */
import { crc32 } from 'node:zlib';
import { type Cell, NOTHING } from '../cell/cell.js';
import { decodeCells, encodeCells } from '../cell/codec.js';

export const BLOCK_BYTES = 65_536;
export const TRAILER_BYTES = 44;
export const CRC_BYTES = 4;
const MAGIC = 0x4d485354;
const VERSION = 1;
const hex = (value: number): string => value.toString(16).padStart(8, '0');

export interface BlockPointer {
  readonly offset: number;
  /** With its checksum. */
  readonly bytes: number;
  /** Its first cell, without the value. */
  readonly first: Cell;
}

export interface Trailer {
  readonly bloomOffset: number;
  readonly indexOffset: number;
  readonly lastSeq: number;
  readonly cells: number;
}

export function withCrc(bytes: Buffer): Buffer {
  const end = Buffer.allocUnsafe(CRC_BYTES);
  end.writeUInt32BE(crc32(bytes));
  return Buffer.concat([bytes, end]);
}

/** @throws RangeError which checksum was expected and which found */
export function checkedBytes(bytes: Buffer): Buffer {
  const body = bytes.subarray(0, Math.max(0, bytes.length - CRC_BYTES));
  const expected = bytes.length < CRC_BYTES ? -1 : bytes.readUInt32BE(body.length);
  const got = crc32(body);
  if (expected !== got) throw new RangeError(`expected crc32 ${hex(expected >>> 0)}, got ${hex(got)}`);
  return body;
}

export function encodeIndex(pointers: readonly BlockPointer[]): Buffer {
  const parts = pointers.map(({ offset, bytes, first }) => {
    const key = encodeCells([{ ...first, value: NOTHING }]);
    const head = Buffer.allocUnsafe(16);
    head.writeUInt32BE(bytes, 0);
    head.writeDoubleBE(offset, 4);
    head.writeUInt32BE(key.length, 12);
    return Buffer.concat([head, key]);
  });
  return withCrc(Buffer.concat(parts));
}

/** @throws RangeError */
export function decodeIndex(bytes: Buffer): BlockPointer[] {
  const body = checkedBytes(bytes);
  const pointers: BlockPointer[] = [];
  for (let at = 0; at < body.length;) {
    const keyEnd = at + 16 + body.readUInt32BE(at + 12);
    const first = decodeCells(body.subarray(at + 16, keyEnd))[0];
    if (first === undefined) throw new RangeError(`expected a first cell at ${at} of the index`);
    pointers.push({ bytes: body.readUInt32BE(at), offset: body.readDoubleBE(at + 4), first });
    at = keyEnd;
  }
  return pointers;
}

export function encodeTrailer({ bloomOffset, indexOffset, lastSeq, cells }: Trailer): Buffer {
  const bytes = Buffer.allocUnsafe(TRAILER_BYTES - CRC_BYTES);
  for (const [n, value] of [bloomOffset, indexOffset, lastSeq, cells].entries()) bytes.writeDoubleBE(value, n * 8);
  bytes.writeUInt32BE(VERSION, 32);
  bytes.writeUInt32BE(MAGIC, 36);
  return withCrc(bytes);
}

/** @throws RangeError */
export function decodeTrailer(bytes: Buffer): Trailer {
  const body = checkedBytes(bytes);
  const [version, magic] = [body.readUInt32BE(32), body.readUInt32BE(36)];
  if (magic !== MAGIC || version !== VERSION) {
    throw new RangeError(`expected a file of version ${VERSION}, got ${version} (${hex(magic)})`);
  }
  return {
    bloomOffset: body.readDoubleBE(0),
    indexOffset: body.readDoubleBE(8),
    lastSeq: body.readDoubleBE(16),
    cells: body.readDoubleBE(24),
  };
}
