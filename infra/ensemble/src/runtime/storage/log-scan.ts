/**
 * Reads one log file and judges how it ends.
 *
 * A crash leaves at the end of the last file what was written and not yet fsynced: a header or a record cut short, or one
 * with a sector of zeros that never reached the disk. Nobody was told that those are safe, so they are cut off. The same signs
 * with a good record behind them, or damage with no such sign, are something else: transactions that were acknowledged
 * can not be read any more, and a server that went on without them would take part in elections with a history it does
 * not have.
 */
import { open, type FileHandle } from 'node:fs/promises';
import {
  adler32,
  encodeLogHeader,
  LOG_HEADER_BYTES,
  LOG_RECORD_END,
  LOG_RECORD_OVERHEAD_BYTES,
  LOG_RECORD_PREFIX_BYTES,
  LogError,
  LogReader,
  MIN_TXN_RECORD_BYTES,
  zxidOfTxnRecord,
  type LogRecord,
} from '@menagerie/zookeeper-protocol';
import { DamagedDataError } from '../errors.js';
import { hex, type DataFile } from './file-names.js';

export interface LogScanEnd {
  /** `torn`: behind `offset` is the rest of a write that a crash interrupted. */
  readonly kind: 'clean' | 'torn';
  /** Where the last good record ends; 0 if not even the header is whole. */
  readonly offset: number;
  readonly lastZxid: bigint | null;
}

export interface LogScanOptions {
  /** Whether an interrupted write may be at its end: it is the newest file. */
  readonly isLast: boolean;
}

/** Return `false` to stop: the rest of the file is of no interest. */
export type VisitRecords = (records: readonly LogRecord[]) => void | boolean;

/**
 * Far above what a request can make (a transaction that closes a session names all its ephemeral nodes and can be longer
 * than any frame, ZOOKEEPER-4306): what was written must be readable. The checksum tells a wrong length from a long one.
 */
export const MAX_LOG_RECORD_BYTES = 64 * 1024 * 1024;

const CHUNK_BYTES = 512 * 1024;
const SECTOR_BYTES = 512;

/**
 * @returns `null` if the visitor stopped the scan
 * @throws DamagedDataError
 */
export async function scanLog(
  file: DataFile,
  visit: VisitRecords,
  { isLast }: LogScanOptions,
): Promise<LogScanEnd | null> {
  const handle = await open(file.path, 'r');
  try {
    const reader = new LogReader({ maxRecordBytes: MAX_LOG_RECORD_BYTES });
    let lastZxid: bigint | null = null;
    try {
      for (let at = 0; !reader.ended;) {
        const chunk = await readChunk(handle, at, CHUNK_BYTES);
        if (chunk.length === 0) break;
        at += chunk.length;
        const records = reader.push(chunk);
        if (records.length === 0) continue;
        lastZxid = records.at(-1)!.zxid;
        if (visit(records) === false) return null;
      }
      const end = reader.end();
      const hasRest = await expectNoRecordBehind(handle, file, end);
      return { ...end, kind: hasRest ? 'torn' : end.kind };
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      return await judge(handle, file, error, lastZxid, isLast);
    }
  } finally {
    await handle.close();
  }
}

/** Apache stops at a hole and loses what is behind it. @returns whether there is anything but zeros behind `offset` */
async function expectNoRecordBehind(handle: FileHandle, file: DataFile, end: LogScanEnd): Promise<boolean> {
  const rest = await readRest(handle, end.offset);
  const hole = new LogError('ZK_LOG_CORRUPT', 'expected a record, found none', end.offset, end.lastZxid);
  expectNoRecordIn(rest, file, hole, end.offset);
  return rest.length > 0;
}

async function judge(
  handle: FileHandle,
  file: DataFile,
  error: LogError,
  lastZxid: bigint | null,
  isLast: boolean,
): Promise<LogScanEnd> {
  const { offset } = error;
  const rest = await readRest(handle, offset);
  expectNoRecordIn(rest, file, error, offset);
  const isTorn = offset === 0 ? isHeaderCutShort(rest) : offset >= LOG_HEADER_BYTES && hasLostSector(rest, offset);
  if (isLast && isTorn) return { kind: 'torn', offset, lastZxid };
  throw new DamagedDataError(file.path, error.message, { cause: error });
}

function expectNoRecordIn(rest: Buffer, file: DataFile, error: LogError, offset: number): void {
  const later = findRecord(rest, 1);
  if (later === null) return;
  throw new DamagedDataError(
    file.path,
    `${error.message}, but a good record, zxid 0x${hex(later.zxid)}, follows at byte ${offset + later.at}`,
    { cause: error },
  );
}

/** Everything from `offset` to the last byte that is not zero. */
async function readRest(handle: FileHandle, offset: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let kept = 0;
  let zeros = 0;
  const scratch = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  for (let at = offset; ;) {
    const { bytesRead } = await handle.read(scratch, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const chunk = scratch.subarray(0, bytesRead);
    const length = lengthWithoutZeros(chunk);
    if (length === 0) {
      zeros += chunk.length;
      continue;
    }
    if (zeros > 0) chunks.push(Buffer.alloc(zeros));
    chunks.push(Buffer.from(chunk.subarray(0, length)));
    kept += zeros + length;
    zeros = chunk.length - length;
  }
  return Buffer.concat(chunks, kept);
}

const ZEROS = Buffer.alloc(CHUNK_BYTES);

function lengthWithoutZeros(chunk: Buffer): number {
  if (chunk.equals(chunk.length === ZEROS.length ? ZEROS : ZEROS.subarray(0, chunk.length))) return 0;
  let length = chunk.length;
  while (chunk[length - 1] === 0) length--;
  return length;
}

/** The first whole record with the right checksum that starts at `from` or behind it, at any byte. */
function findRecord(bytes: Buffer, from: number): { at: number; zxid: bigint } | null {
  const last = bytes.length - LOG_RECORD_OVERHEAD_BYTES - MIN_TXN_RECORD_BYTES;
  for (let at = from; at <= last; at++) {
    // The upper half of the checksum's eight bytes is always zero.
    if (bytes.readInt32BE(at) !== 0) continue;
    const length = bytes.readInt32BE(at + 8);
    if (length < MIN_TXN_RECORD_BYTES || length > MAX_LOG_RECORD_BYTES) continue;
    const end = at + LOG_RECORD_PREFIX_BYTES + length;
    if (bytes[end] !== LOG_RECORD_END) continue;
    const record = bytes.subarray(at + LOG_RECORD_PREFIX_BYTES, end);
    if (adler32(record) === bytes.readUInt32BE(at + 4)) return { at, zxid: zxidOfTxnRecord(record) };
  }
  return null;
}

/** The header goes to the disk with the first record: where it is not whole, nobody was told of any. */
function isHeaderCutShort(rest: Buffer): boolean {
  return rest.length < LOG_HEADER_BYTES && encodeLogHeader().subarray(0, rest.length).equals(rest);
}

/** Disks write sectors as a whole: one of zeros in the middle of what was written never arrived. */
function hasLostSector(rest: Buffer, fileOffset: number): boolean {
  const first = (SECTOR_BYTES - (fileOffset % SECTOR_BYTES)) % SECTOR_BYTES;
  for (let at = first; at + SECTOR_BYTES <= rest.length; at += SECTOR_BYTES) {
    if (rest.compare(ZEROS, 0, SECTOR_BYTES, at, at + SECTOR_BYTES) === 0) return true;
  }
  return false;
}

async function readChunk(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return bytesRead === length ? buffer : buffer.subarray(0, bytesRead);
}
