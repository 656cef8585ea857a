/**
 * The part of a byte stream that is not understood yet, as one contiguous buffer. While everything is used up between
 * chunks nothing is copied; what is left over moves into memory that doubles, so bytes arriving one by one cost no more
 * than twice their number. Memory that was handed out as a view is never written again.
 *
 * Limit: its user's; it holds what it is given until it is consumed.
 */
const SMALLEST_ALLOCATION_BYTES = 512;

export class ByteWindow {
  private buffer: Buffer = Buffer.alloc(0);
  /** Invariant: 0 <= start <= end <= buffer.length; bytes from `end` on were never handed out. */
  private start = 0;
  private end = 0;
  /** Whether the memory behind `end` is ours to fill, rather than a chunk of the caller's. */
  private owned = false;

  get length(): number {
    return this.end - this.start;
  }

  append(chunk: Buffer): void {
    if (this.length === 0) {
      this.buffer = chunk;
      this.start = 0;
      this.end = chunk.length;
      this.owned = false;
      return;
    }
    if (!this.owned || chunk.length > this.buffer.length - this.end) this.moveToOwnMemory(this.length + chunk.length);
    chunk.copy(this.buffer, this.end);
    this.end += chunk.length;
  }

  /** All that is held, as a view. */
  view(): Buffer {
    return this.buffer.subarray(this.start, this.end);
  }

  /** Drops bytes from the front. */
  consume(byteCount: number): void {
    if (byteCount > this.length) throw new RangeError(`expected at most ${this.length} bytes, got ${byteCount}`);
    this.start += byteCount;
  }

  private moveToOwnMemory(byteCount: number): void {
    const moved = Buffer.allocUnsafeSlow(Math.max(SMALLEST_ALLOCATION_BYTES, 2 * byteCount));
    const length = this.buffer.copy(moved, 0, this.start, this.end);
    this.buffer = moved;
    this.start = 0;
    this.end = length;
    this.owned = true;
  }
}
