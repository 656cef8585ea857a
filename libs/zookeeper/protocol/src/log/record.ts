/**
 * The transaction log as bytes.
 *
 *   file   = int "ZKLG", int 2, long dbid, record*, zeros
 *   record = long Adler-32 of the bytes, int length, bytes[length], byte 'B'
 *
 * The zeros are room the server takes from the disk in advance. Source: FileTxnLog.java, Util.java (its comment which
 * puts length and end mark under the checksum is wrong).
 */
import { adler32 } from '../checksum/adler32.js';
import { readInt32, readInt64, writeInt32, writeSafeInteger } from '../jute/int64.js';

/** "ZKLG" */
export const LOG_MAGIC = 0x5a4b4c47;
export const LOG_VERSION = 2;
export const LOG_DB_ID = 0n;
export const LOG_HEADER_BYTES = 16;

/** Checksum and length. */
export const LOG_RECORD_PREFIX_BYTES = 12;
/** 'B' */
export const LOG_RECORD_END = 0x42;
/** What a record takes in the file beyond its bytes. */
export const LOG_RECORD_OVERHEAD_BYTES = LOG_RECORD_PREFIX_BYTES + 1;

/** A transaction record is never shorter than its header. */
export const MIN_TXN_RECORD_BYTES = 32;
const ZXID_OFFSET = 12;

export interface LogHeader {
  readonly magic: number;
  readonly version: number;
  readonly dbId: bigint;
}

export function encodeLogHeader(dbId: bigint = LOG_DB_ID): Buffer {
  const header = Buffer.alloc(LOG_HEADER_BYTES);
  header.writeInt32BE(LOG_MAGIC, 0);
  header.writeInt32BE(LOG_VERSION, 4);
  header.writeBigInt64BE(dbId, 8);
  return header;
}

/** Takes any 16 bytes apart; whether the magic is right is for the caller to judge. */
export function decodeLogHeader(bytes: Buffer): LogHeader {
  return { magic: readInt32(bytes, 0), version: readInt32(bytes, 4), dbId: readInt64(bytes, 8) };
}

/**
 * @param bytes what `encodeTxnRecord` made
 * @returns the bytes to append to the file
 */
export function encodeLogRecord(bytes: Buffer): Buffer {
  const record = Buffer.allocUnsafe(bytes.length + LOG_RECORD_OVERHEAD_BYTES);
  writeLogRecord(record, 0, bytes);
  return record;
}

/** Puts a record at `at`, for who gathers many into one write; it takes `bytes.length + LOG_RECORD_OVERHEAD_BYTES`. */
export function writeLogRecord(target: Buffer, at: number, bytes: Buffer): void {
  writeSafeInteger(target, at, adler32(bytes));
  writeInt32(target, at + 8, bytes.length);
  target.set(bytes, at + LOG_RECORD_PREFIX_BYTES);
  target[at + LOG_RECORD_PREFIX_BYTES + bytes.length] = LOG_RECORD_END;
}

/** The zxid of a transaction record, without decoding it. */
export function zxidOfTxnRecord(bytes: Buffer): bigint {
  if (bytes.length < MIN_TXN_RECORD_BYTES)
    throw new RangeError(`expected a transaction record, got ${bytes.length} bytes`);
  return readInt64(bytes, ZXID_OFFSET);
}
