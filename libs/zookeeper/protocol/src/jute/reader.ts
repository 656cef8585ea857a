/**
 * Reads jute records from a buffer without copying it. All integers are big-endian and signed.
 * Trailing bytes are nobody's mistake: older and newer peers rely on them being ignored.
 */
import { isAscii } from 'node:buffer';
import { JuteError } from '../errors.js';
import { int64FromHalves, readInt32, safeIntegerFromHalves } from './int64.js';
import { DEFAULT_MAX_FIELD_BYTES } from './limits.js';
import { decodeUtf8 } from './utf8.js';

/** From here on one text for all is cheaper than one call into native code for each. */
const MANY_STRINGS = 8;

export class JuteReader {
  private buffer: Buffer;
  private at: number;

  /**
   * @param buffer the bytes; buffers that are read are views into it, so it must not change afterwards
   * @param maxFieldBytes longest string or buffer accepted inside the record, see `maxFieldBytes()`
   */
  constructor(
    buffer: Buffer,
    readonly maxFieldBytes: number = DEFAULT_MAX_FIELD_BYTES,
    offset = 0,
  ) {
    this.buffer = buffer;
    this.at = offset;
  }

  /** Starts over on other bytes, so that one reader serves a whole connection. */
  reset(buffer: Buffer, offset = 0): this {
    this.buffer = buffer;
    this.at = offset;
    return this;
  }

  /** Where the next field starts. */
  get offset(): number {
    return this.at;
  }

  get remaining(): number {
    return this.buffer.length - this.at;
  }

  readByte(): number {
    const at = this.advance(1);
    return (this.buffer[at]! << 24) >> 24;
  }

  /** Any byte but 0 is true. */
  readBool(): boolean {
    return this.buffer[this.advance(1)] !== 0;
  }

  readInt(): number {
    return readInt32(this.buffer, this.advance(4));
  }

  readLong(): bigint {
    const at = this.advance(8);
    return int64FromHalves(readInt32(this.buffer, at), readInt32(this.buffer, at + 4));
  }

  /** A long which is a number for us (a clock, a table index); one beyond 2^53 is an error, not rounded. */
  readLongAsNumber(): number {
    const at = this.advance(8);
    const value = safeIntegerFromHalves(readInt32(this.buffer, at), readInt32(this.buffer, at + 4));
    if (value === null) {
      throw new JuteError('ZK_JUTE_VALUE', 'expected a long between -2^53 and 2^53, the record holds a larger one', at);
    }
    return value;
  }

  /** A view, not a copy; null is distinct from empty. */
  readBuffer(): Buffer | null {
    const length = this.readLength('buffer');
    if (length === -1) return null;
    const at = this.advance(length);
    return this.buffer.subarray(at, at + length);
  }

  readString(): string | null {
    const length = this.readLength('string');
    if (length === -1) return null;
    const at = this.advance(length);
    return decodeUtf8(this.buffer, at, at + length);
  }

  /** A string where null has no meaning: a path, a scheme. */
  readRequiredString(): string {
    const start = this.at;
    const value = this.readString();
    if (value === null) throw new JuteError('ZK_JUTE_NULL', 'expected a string, the record holds null', start);
    return value;
  }

  /** @param readItem reads one element of at least one byte; pass a plain function, not a closure, on hot paths */
  readVector<T>(readItem: (reader: this) => T): T[] | null {
    const start = this.at;
    const count = this.readInt();
    if (count === -1) return null;
    if (count < 0)
      throw new JuteError('ZK_JUTE_LENGTH', `expected a vector of 0 or more elements, got ${count}`, start);
    // No element takes less than a byte: a count that can not be met is refused before it costs any memory.
    if (count > this.remaining) throw this.truncated(start, count);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(readItem(this));
    return items;
  }

  /**
   * A vector of strings without nulls. A long list of plain names, which is what a directory's is, is made text in one
   * step and cut; its strings then share that text for as long as any of them lives.
   */
  readStrings(): string[] | null {
    const start = this.at;
    const count = this.readInt();
    if (count >= MANY_STRINGS && count <= this.remaining) {
      const items = this.cutStrings(count);
      if (items !== null) return items;
    }
    this.at = start;
    return this.readVector((reader) => reader.readRequiredString());
  }

  /** Null if it is no list of ASCII strings, or does not end in time: the plain way finds out what it is. */
  private cutStrings(count: number): string[] | null {
    const { buffer } = this;
    const first = this.at;
    const ends: number[] = [];
    let at = first;
    for (let i = 0; i < count; i++) {
      if (at + 4 > buffer.length) return null;
      const length = readInt32(buffer, at);
      at += 4 + length;
      if (length < 0 || length > this.maxFieldBytes || at > buffer.length) return null;
      ends.push(at - first);
    }
    const bytes = buffer.subarray(first, at);
    if (!isAscii(bytes)) return null;
    const text = bytes.toString('latin1');
    this.at = at;
    let from = 0;
    return ends.map((end) => {
      const item = text.slice(from + 4, end);
      from = end;
      return item;
    });
  }

  /** All bytes that are left, as a view. */
  readRest(): Buffer {
    const at = this.at;
    this.at = this.buffer.length;
    return this.buffer.subarray(at);
  }

  /** Skips the bytes if they come next; false if they do not. Never throws. */
  skipIfNext(bytes: Uint8Array): boolean {
    if (bytes.length > this.remaining) return false;
    for (let i = 0; i < bytes.length; i++) {
      if (this.buffer[this.at + i] !== bytes[i]) return false;
    }
    this.at += bytes.length;
    return true;
  }

  skip(byteCount: number): void {
    this.advance(byteCount);
  }

  /** Claims the next bytes and returns where they start. Invariant: 0 <= at <= buffer.length. */
  private advance(byteCount: number): number {
    const at = this.at;
    if (byteCount > this.buffer.length - at) throw this.truncated(at, byteCount);
    this.at = at + byteCount;
    return at;
  }

  private readLength(what: string): number {
    const start = this.at;
    const length = this.readInt();
    if (length < -1 || length > this.maxFieldBytes) {
      throw new JuteError(
        'ZK_JUTE_LENGTH',
        `expected a ${what} of at most ${this.maxFieldBytes} bytes, the record announces ${length}`,
        start,
      );
    }
    return length;
  }

  private truncated(at: number, needed: number): JuteError {
    const missing = needed - (this.buffer.length - this.at);
    return new JuteError(
      'ZK_JUTE_TRUNCATED',
      `expected ${needed} more bytes, ${this.buffer.length - this.at} are left`,
      at,
      missing,
    );
  }
}
