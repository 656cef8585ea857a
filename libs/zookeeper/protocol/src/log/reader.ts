/**
 * Reads a transaction log from chunks of any size, as far as it goes, and says how it ends.
 *
 * A log ends in one of two harmless ways: `clean`, in zeros or exactly behind a record; or `torn`, in the middle of a
 * record with nothing but zeros behind it, because the machine stopped while it was being written. Nobody was told that
 * such a record is safe, so it is cut off. Everything else is damage: a checksum that does not fit, an impossible
 * length, or something behind a record without its end mark, where records that count may follow. Apache ends the file
 * silently in that last case and loses what follows; we refuse it.
 */
import { ADLER32_INITIAL, adler32 } from '../checksum/adler32.js';
import { LogError } from '../errors.js';
import { readInt32, safeIntegerFromHalves } from '../jute/int64.js';
import { DEFAULT_MAX_FIELD_BYTES } from '../jute/limits.js';
import { ByteWindow } from '../stream/byte-window.js';
import {
  decodeLogHeader,
  LOG_HEADER_BYTES,
  LOG_MAGIC,
  LOG_RECORD_END,
  LOG_RECORD_OVERHEAD_BYTES,
  LOG_RECORD_PREFIX_BYTES,
  MIN_TXN_RECORD_BYTES,
  zxidOfTxnRecord,
} from './record.js';

export interface LogRecord {
  /** Where the record starts in the file, checksum included. */
  readonly offset: number;
  /** Where the next one starts. */
  readonly endOffset: number;
  readonly zxid: bigint;
  /** Adler-32 of `bytes`, found right. */
  readonly checksum: number;
  /** A transaction record for `decodeTxnRecord`, as a view. */
  readonly bytes: Buffer;
}

export interface LogEnd {
  readonly kind: 'clean' | 'torn';
  /** Where the last good record ends: what is appended next goes here, and what is behind it is cut off. */
  readonly offset: number;
  readonly lastZxid: bigint | null;
}

export interface LogReaderOptions {
  /** Longest record accepted, see `maxFieldBytes()`. */
  readonly maxRecordBytes?: number;
}

type State = 'header' | 'records' | 'ended' | 'torn';

export class LogReader {
  readonly maxRecordBytes: number;
  private readonly window = new ByteWindow();
  private state: State = 'header';
  /** Where in the file the last good record ends. Invariant: until `torn`, the window's first byte is from there. */
  private offset = 0;
  private lastZxid: bigint | null = null;
  /** How much the window must hold before the next record is whole. */
  private neededBytes = LOG_HEADER_BYTES;
  /** Found behind good records of the same chunk: kept until they were returned. */
  private fault: LogError | null = null;

  constructor(options: LogReaderOptions = {}) {
    this.maxRecordBytes = options.maxRecordBytes ?? DEFAULT_MAX_FIELD_BYTES;
  }

  /** The records are over; the rest of the file need not be read. */
  get ended(): boolean {
    return this.state === 'ended';
  }

  /**
   * Takes the next bytes of the file and returns the records they complete, in order.
   *
   * @throws LogError for a file that is no log or is damaged, after the good records before the damage were returned
   */
  push(chunk: Buffer): LogRecord[] {
    if (this.fault !== null) throw this.fault;
    const records: LogRecord[] = [];
    if (this.ended) return records;
    this.window.append(chunk);
    try {
      this.read(records);
    } catch (error) {
      if (!(error instanceof LogError) || records.length === 0) throw error;
      this.fault = error;
    }
    return records;
  }

  /**
   * The file has no more bytes.
   *
   * @throws LogError for damage behind the last records returned
   */
  end(): LogEnd {
    if (this.fault !== null) throw this.fault;
    if (this.state === 'records' && this.window.length >= LOG_RECORD_PREFIX_BYTES) {
      this.refuseMisfitLength(this.window.view());
    }
    const isTorn = this.state === 'torn' || (this.state !== 'ended' && !isZero(this.window.view()));
    return { kind: isTorn ? 'torn' : 'clean', offset: this.offset, lastZxid: this.lastZxid };
  }

  private read(records: LogRecord[]): void {
    while (!this.ended && this.state !== 'torn' && this.window.length >= this.neededBytes) {
      if (this.state === 'header') this.readHeader();
      else this.readRecord(records);
    }
    if (this.state === 'torn') this.expectZeros(this.window.view());
  }

  private readHeader(): void {
    const { magic } = decodeLogHeader(this.window.view());
    if (magic === 0) {
      // The file was made and the machine stopped: nothing may follow.
      this.tear(LOG_HEADER_BYTES);
      return;
    }
    if (magic !== LOG_MAGIC) {
      throw new LogError('ZK_LOG_HEADER', `expected the magic "ZKLG", got 0x${(magic >>> 0).toString(16)}`, 0, null);
    }
    this.state = 'records';
    this.consume(LOG_HEADER_BYTES);
  }

  private readRecord(records: LogRecord[]): void {
    const view = this.window.view();
    const checksum = safeIntegerFromHalves(readInt32(view, 0), readInt32(view, 4));
    const length = readInt32(view, 8);
    if (length === 0) {
      // Room taken in advance. A checksum without a length is half of a record's first twelve bytes.
      if (checksum === 0) this.state = 'ended';
      else this.tear(LOG_RECORD_PREFIX_BYTES);
      return;
    }
    if (length < 0 || length > this.maxRecordBytes) {
      throw this.corrupt(`expected a record of 1 to ${this.maxRecordBytes} bytes, its length field says ${length}`);
    }
    this.neededBytes = length + LOG_RECORD_OVERHEAD_BYTES;
    if (view.length < this.neededBytes) return;
    if (view[this.neededBytes - 1] !== LOG_RECORD_END) {
      this.refuseMisfitLength(view.subarray(0, this.neededBytes));
      this.tear(this.neededBytes);
      return;
    }
    const bytes = view.subarray(LOG_RECORD_PREFIX_BYTES, LOG_RECORD_PREFIX_BYTES + length);
    this.accept(bytes, checksum, records);
  }

  private accept(bytes: Buffer, checksum: number | null, records: LogRecord[]): void {
    const actual = adler32(bytes);
    if (actual !== checksum) {
      throw this.corrupt(`expected the checksum 0x${actual.toString(16)}, the record says ${checksumText(checksum)}`);
    }
    if (bytes.length < MIN_TXN_RECORD_BYTES) {
      throw this.corrupt(`expected at least ${MIN_TXN_RECORD_BYTES} bytes of transaction, got ${bytes.length}`);
    }
    const { offset } = this;
    const zxid = zxidOfTxnRecord(bytes);
    this.consume(bytes.length + LOG_RECORD_OVERHEAD_BYTES);
    this.lastZxid = zxid;
    records.push({ offset, endOffset: this.offset, zxid, checksum: actual, bytes });
  }

  private consume(byteCount: number): void {
    this.window.consume(byteCount);
    this.offset += byteCount;
    this.neededBytes = LOG_RECORD_PREFIX_BYTES;
  }

  /** The record at the window's start was not finished: it must be the last thing in the file. */
  private tear(extentBytes: number): void {
    this.state = 'torn';
    this.window.consume(extentBytes);
  }

  private expectZeros(bytes: Buffer): void {
    if (!isZero(bytes)) throw this.corrupt('expected the end mark of the record, and more follows it');
    this.window.consume(bytes.length);
  }

  /**
   * A record that seems to reach too far may be whole, and others behind it, with damage to its length only. Cutting
   * it off as torn would lose them, so the checksum is tried on every shorter length that has an end mark.
   *
   * @param bytes the record from its checksum on, as far as it is there
   */
  private refuseMisfitLength(bytes: Buffer): void {
    const checksum = safeIntegerFromHalves(readInt32(bytes, 0), readInt32(bytes, 4));
    let sum = ADLER32_INITIAL;
    let summedTo = LOG_RECORD_PREFIX_BYTES;
    for (let at = bytes.indexOf(LOG_RECORD_END, summedTo); at !== -1; at = bytes.indexOf(LOG_RECORD_END, at + 1)) {
      sum = adler32(bytes.subarray(summedTo, at), sum);
      summedTo = at;
      if (sum !== checksum || at - LOG_RECORD_PREFIX_BYTES < MIN_TXN_RECORD_BYTES) continue;
      throw this.corrupt(
        `expected the length ${at - LOG_RECORD_PREFIX_BYTES}, which the checksum fits, the record says ${readInt32(bytes, 8)}`,
      );
    }
  }

  private corrupt(message: string): LogError {
    return new LogError('ZK_LOG_CORRUPT', message, this.offset, this.lastZxid);
  }
}

/** A few thousand zeros to compare with: that is one call into native code per piece. */
const ZEROS = Buffer.alloc(16 * 1024);

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const end = Math.min(at + ZEROS.length, bytes.length);
    if (bytes.compare(ZEROS, 0, end - at, at, end) !== 0) return false;
  }
  return true;
}

function checksumText(checksum: number | null): string {
  return checksum === null ? 'one that is no checksum' : `0x${checksum.toString(16)}`;
}
