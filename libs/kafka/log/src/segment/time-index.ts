/**
 * From a time to an offset: an entry says that no record before `offset` is younger than `timestamp`.
 *
 *   entry = timestamp i64, relativeOffset i32
 */
import { writeFileSync } from 'node:fs';

import { floorIndex, readIfThere } from './offset-index.js';

const ENTRY_BYTES = 12;
const TWO_POW_32 = 0x1_0000_0000;

export class TimeIndex {
  /** Invariant: both grow, timestamps strictly. */
  private readonly timestamps: number[] = [];
  private readonly offsets: number[] = [];

  constructor(private readonly baseOffset: number) {}

  get lastTimestamp(): number {
    return this.timestamps[this.timestamps.length - 1] ?? -1;
  }

  get lastOffset(): number {
    return this.offsets[this.offsets.length - 1] ?? this.baseOffset;
  }

  /** Leaves out what would not grow: two batches of one millisecond, or one that is late. */
  maybeAppend(timestamp: number, offset: number): void {
    if (timestamp <= this.lastTimestamp) return;
    this.timestamps.push(timestamp);
    this.offsets.push(offset);
  }

  /** An offset before which nothing is as young as `timestamp`. */
  lookup(timestamp: number): number {
    const index = floorIndex(this.timestamps, timestamp - 1);
    return index < 0 ? this.baseOffset : this.offsets[index]!;
  }

  truncate(offset: number): void {
    while (this.offsets.length > 0 && this.offsets[this.offsets.length - 1]! >= offset) {
      this.offsets.pop();
      this.timestamps.pop();
    }
  }

  save(path: string): void {
    const bytes = Buffer.alloc(this.offsets.length * ENTRY_BYTES);
    this.offsets.forEach((offset, index) => {
      const at = index * ENTRY_BYTES;
      const timestamp = this.timestamps[index]!;
      const high = Math.floor(timestamp / TWO_POW_32);
      bytes.writeInt32BE(high, at);
      bytes.writeUInt32BE(timestamp - high * TWO_POW_32, at + 4);
      bytes.writeInt32BE(offset - this.baseOffset, at + 8);
    });
    writeFileSync(path, bytes);
  }

  static load(path: string, baseOffset: number): TimeIndex | null {
    const bytes = readIfThere(path);
    if (bytes === null || bytes.length % ENTRY_BYTES !== 0) return null;
    const index = new TimeIndex(baseOffset);
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      const timestamp = bytes.readInt32BE(at) * TWO_POW_32 + bytes.readUInt32BE(at + 4);
      const offset = baseOffset + bytes.readInt32BE(at + 8);
      if (timestamp <= index.lastTimestamp || offset < index.lastOffset) return null;
      index.maybeAppend(timestamp, offset);
    }
    return index;
  }
}
