/**
 * Writes jute records, one after the other, into memory it takes in chunks.
 *
 * `toBuffer` hands out what was written and the writer goes on behind it: bytes handed out are never touched again, so
 * they can wait in a socket's queue without a copy, and a whole turn's replies leave as one buffer. The price is that
 * a small result keeps its chunk in memory for as long as it lives.
 *
 * Limit: none of its own; what is written is bounded by whoever decides to write it. A chunk grows by doubling.
 */
import { writeInt32, writeInt64, writeSafeInteger } from './int64.js';

const DEFAULT_CHUNK_BYTES = 64 * 1024;

/** Up to here a loop over the characters beats the call into native code. */
const SHORT_STRING_CHARS = 48;

export class JuteWriter {
  private chunk: Buffer;
  /** Start of what `toBuffer` will return. Invariant: 0 <= start <= end <= chunk.length. */
  private start = 0;
  private end = 0;

  constructor(private readonly chunkBytes: number = DEFAULT_CHUNK_BYTES) {
    this.chunk = Buffer.allocUnsafeSlow(chunkBytes);
  }

  /** Bytes written since the last `toBuffer` or `reset`. */
  get length(): number {
    return this.end - this.start;
  }

  /** Everything written since the last call, as a view that is the caller's from now on. */
  toBuffer(): Buffer {
    const written = this.chunk.subarray(this.start, this.end);
    this.start = this.end;
    return written;
  }

  /** Forgets everything that was not taken with `toBuffer`. */
  reset(): this {
    this.end = this.start;
    return this;
  }

  /** Forgets what was written after `length` was this: how a half-written record is taken back. */
  truncate(length: number): void {
    if (length < 0 || length > this.length) throw new RangeError(`expected 0..${this.length} bytes, got ${length}`);
    this.end = this.start + length;
  }

  /** Reserves a frame's length field; `endFrame` fills it. Frames may follow each other in one writer. */
  beginFrame(): number {
    const mark = this.length;
    this.reserve(4);
    return mark;
  }

  endFrame(mark: number): void {
    writeInt32(this.chunk, this.start + mark, this.length - mark - 4);
  }

  writeByte(value: number): void {
    const at = this.reserve(1);
    this.chunk[at] = value;
  }

  writeBool(value: boolean): void {
    const at = this.reserve(1);
    this.chunk[at] = value ? 1 : 0;
  }

  writeInt(value: number): void {
    const at = this.reserve(4);
    writeInt32(this.chunk, at, value);
  }

  writeLong(value: bigint): void {
    const at = this.reserve(8);
    writeInt64(this.chunk, at, value);
  }

  /** A long that is a number for us; it must be a safe integer. */
  writeLongFromNumber(value: number): void {
    const at = this.reserve(8);
    writeSafeInteger(this.chunk, at, value);
  }

  writeBuffer(value: Uint8Array | null): void {
    if (value === null) {
      this.writeInt(-1);
      return;
    }
    const at = this.reserve(4 + value.length);
    writeInt32(this.chunk, at, value.length);
    this.chunk.set(value, at + 4);
  }

  /** A buffer whose bytes are the characters of a one-byte string, which is how a tree can keep small data cheaply. */
  writeBufferFromLatin1(value: string | null): void {
    if (value === null) {
      this.writeInt(-1);
      return;
    }
    const length = value.length;
    const at = this.reserve(4 + length);
    const chunk = this.chunk;
    writeInt32(chunk, at, length);
    if (length > SHORT_STRING_CHARS) chunk.write(value, at + 4, length, 'latin1');
    else for (let i = 0; i < length; i++) chunk[at + 4 + i] = value.charCodeAt(i);
  }

  /** A buffer that is a part of other bytes, without the view that `writeBuffer` would need. */
  writeBufferRange(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    const at = this.reserve(4 + length);
    const chunk = this.chunk;
    writeInt32(chunk, at, length);
    if (length > SHORT_STRING_CHARS) bytes.copy(chunk, at + 4, start, end);
    else for (let i = 0; i < length; i++) chunk[at + 4 + i] = bytes[start + i]!;
  }

  writeString(value: string | null): void {
    if (value === null) {
      this.writeInt(-1);
      return;
    }
    // A UTF-16 unit takes at most three bytes; what turns out not to be needed is given back.
    const at = this.reserve(4 + value.length * 3);
    const byteLength = this.putShortAscii(value, at + 4) ?? this.chunk.write(value, at + 4, 'utf8');
    writeInt32(this.chunk, at, byteLength);
    this.end = at + 4 + byteLength;
  }

  /** @param writeItem writes one element; pass a plain function, not a closure, on hot paths */
  writeVector<T>(items: readonly T[] | null, writeItem: (writer: this, item: T) => void): void {
    if (items === null) {
      this.writeInt(-1);
      return;
    }
    this.writeInt(items.length);
    for (let i = 0; i < items.length; i++) writeItem(this, items[i]!);
  }

  /** Bytes as they are, with no length in front. */
  writeRaw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.chunk.set(bytes, at);
  }

  /** A short part of other bytes, without the view that `writeRaw` would need. */
  writeRawRange(bytes: Uint8Array, start: number, end: number): void {
    const at = this.reserve(end - start);
    const chunk = this.chunk;
    for (let i = start; i < end; i++) chunk[at + i - start] = bytes[i]!;
  }

  /** The byte length, or null if the string is long or not ASCII (then what was put is overwritten by the caller). */
  private putShortAscii(value: string, at: number): number | null {
    const length = value.length;
    if (length > SHORT_STRING_CHARS) return null;
    const chunk = this.chunk;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return null;
      chunk[at + i] = unit;
    }
    return length;
  }

  /** Makes room and claims it; returns where it starts in the chunk, which may be a new one. */
  private reserve(byteCount: number): number {
    if (byteCount > this.chunk.length - this.end) this.moveToNewChunk(byteCount);
    const at = this.end;
    this.end = at + byteCount;
    return at;
  }

  /** The old chunk belongs to those who hold views of it; only what was not handed out yet moves. */
  private moveToNewChunk(byteCount: number): void {
    const pending = this.length;
    const bytes = Math.max(this.chunkBytes, (pending + byteCount) * 2);
    const chunk = Buffer.allocUnsafeSlow(bytes);
    this.chunk.copy(chunk, 0, this.start, this.end);
    this.chunk = chunk;
    this.start = 0;
    this.end = pending;
  }
}
