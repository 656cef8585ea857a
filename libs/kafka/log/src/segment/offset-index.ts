/**
 * From an offset to a place in the segment's file: every few kilobytes one entry, in order of both.
 *
 *   entry = relativeOffset i32, position i32
 *
 * Entries live in memory and are written when the segment is closed or flushed; what a crash takes with it is found again
 * by reading the segment.
 */
import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';

const ENTRY_BYTES = 8;

export class OffsetIndex {
  /** Invariant: both grow strictly. */
  private readonly offsets: number[] = [];
  private readonly positions: number[] = [];

  constructor(private readonly baseOffset: number) {}

  get size(): number {
    return this.offsets.length;
  }

  get lastOffset(): number {
    return this.offsets[this.offsets.length - 1] ?? this.baseOffset;
  }

  append(offset: number, position: number): void {
    const last = this.offsets.length - 1;
    assert(last < 0 || offset > this.offsets[last]!, `offset ${offset} behind ${this.offsets[last]}`);
    this.offsets.push(offset);
    this.positions.push(position);
  }

  /** The last place from which `offset` can be found by reading on; 0 if none is known. */
  lookup(offset: number): number {
    const index = floorIndex(this.offsets, offset);
    return index < 0 ? 0 : this.positions[index]!;
  }

  /** Forgets all entries at or behind the position. */
  truncate(position: number): void {
    while (this.positions.length > 0 && this.positions[this.positions.length - 1]! >= position) {
      this.positions.pop();
      this.offsets.pop();
    }
  }

  save(path: string): void {
    const bytes = Buffer.alloc(this.size * ENTRY_BYTES);
    for (let index = 0; index < this.size; index++) {
      bytes.writeInt32BE(this.offsets[index]! - this.baseOffset, index * ENTRY_BYTES);
      bytes.writeInt32BE(this.positions[index]!, index * ENTRY_BYTES + 4);
    }
    writeFileSync(path, bytes);
  }

  /** Null when the file is missing or can not be this segment's: it is then made anew. */
  static load(path: string, baseOffset: number, segmentBytes: number): OffsetIndex | null {
    const bytes = readIfThere(path);
    if (bytes === null || bytes.length % ENTRY_BYTES !== 0) return null;
    const index = new OffsetIndex(baseOffset);
    let lastOffset = -1;
    let lastPosition = -1;
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      const offset = baseOffset + bytes.readInt32BE(at);
      const position = bytes.readInt32BE(at + 4);
      if (offset <= lastOffset || position <= lastPosition || position >= segmentBytes) return null;
      index.append((lastOffset = offset), (lastPosition = position));
    }
    return index;
  }
}

/** Index of the last element <= value, -1 if none. */
export function floorIndex(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}

export function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
