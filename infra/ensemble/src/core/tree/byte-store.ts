/**
 * Byte strings of any length in large blocks of memory.
 *
 * Why not a Buffer or a string each: a million of either are a million things for the garbage collector to look at, and
 * each costs 16 to 100 bytes beside its content. Here they are a few hundred blocks, and a cell costs what rounding its
 * length up costs: at most 7 bytes up to half a KiB, an eighth above.
 *
 * Freed cells are kept for the next string of about their length; blocks are never given back before the whole store
 * goes. Limit: 16 GiB of cells; what is longer than `MAX_CELL_BYTES` has a Buffer of its own.
 */
import assert from 'node:assert';
import type { JuteWriter } from '@menagerie/zookeeper-protocol';

/** Names one string of the store. Good until it is freed, then it names another. */
export type BytesRef = number;

const UNIT_SHIFT = 3;
const UNIT_BYTES = 1 << UNIT_SHIFT;
const BLOCK_BYTES = 1 << 20;
const BLOCK_UNITS_SHIFT = 20 - UNIT_SHIFT;
const BLOCK_UNITS_MASK = (1 << BLOCK_UNITS_SHIFT) - 1;
const MAX_BLOCKS = 1 << (31 - BLOCK_UNITS_SHIFT);
const MAX_CELL_BYTES = 64 * 1024;

/** Up to here each multiple of a unit is a size of its own; above there are eight sizes to a power of two. */
const FINE_UNITS = 64;
const NONE = -1;

export class ByteStore {
  private readonly blocks: Buffer[] = [];
  /** Of the newest block, in units. Invariant: what lies behind it was never handed out. */
  private usedUnits = 1 << BLOCK_UNITS_SHIFT;
  /** By size: the first free cell, which holds the ref of the next. */
  private readonly free: BytesRef[] = [];
  /** A long string at slot i has the ref -1 - i. */
  private readonly long: (Buffer | undefined)[] = [];
  private readonly freeSlots: number[] = [];

  /** A cell for so many bytes, of any content. */
  allocate(length: number): BytesRef {
    if (length > MAX_CELL_BYTES) return this.allocateLong(length);
    const size = sizeIndexOf(length);
    const recycled = this.free[size];
    if (recycled !== undefined && recycled !== NONE) {
      this.free[size] = this.blocks[recycled >>> BLOCK_UNITS_SHIFT]!.readInt32LE(offsetOf(recycled));
      return recycled;
    }
    return this.take(unitsOfSize(size));
  }

  /** @param length what it was allocated for */
  release(ref: BytesRef, length: number): void {
    if (ref < 0) {
      this.long[-1 - ref] = undefined;
      this.freeSlots.push(-1 - ref);
      return;
    }
    const size = sizeIndexOf(length);
    this.blocks[ref >>> BLOCK_UNITS_SHIFT]!.writeInt32LE(this.free[size] ?? NONE, offsetOf(ref));
    while (this.free.length <= size) this.free.push(NONE);
    this.free[size] = ref;
  }

  /** Whether a string of the new length fits where one of the old length lies, and wastes no more there than elsewhere. */
  isSameSize(oldLength: number, newLength: number): boolean {
    if (oldLength > MAX_CELL_BYTES || newLength > MAX_CELL_BYTES) return oldLength === newLength;
    return sizeIndexOf(oldLength) === sizeIndexOf(newLength);
  }

  put(ref: BytesRef, bytes: Uint8Array): void {
    this.blockOf(ref).set(bytes, offsetOf(ref));
  }

  /** The memory a string lies in, at `offsetOf(ref)`. */
  blockOf(ref: BytesRef): Buffer {
    return ref < 0 ? this.long[-1 - ref]! : this.blocks[ref >>> BLOCK_UNITS_SHIFT]!;
  }

  writeTo(writer: JuteWriter, ref: BytesRef, length: number): void {
    const start = offsetOf(ref);
    writer.writeBufferRange(this.blockOf(ref), start, start + length);
  }

  private take(units: number): BytesRef {
    // What is left at the end of a block is not worth looking after.
    if (this.usedUnits + units > 1 << BLOCK_UNITS_SHIFT) {
      if (this.blocks.length === MAX_BLOCKS) assert.fail(`expected at most ${MAX_BLOCKS} MiB of nodes, got more`);
      this.blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
      this.usedUnits = 0;
    }
    const ref = ((this.blocks.length - 1) << BLOCK_UNITS_SHIFT) | this.usedUnits;
    this.usedUnits += units;
    return ref;
  }

  private allocateLong(length: number): BytesRef {
    const slot = this.freeSlots.pop() ?? this.long.length;
    this.long[slot] = Buffer.allocUnsafeSlow(length);
    return -1 - slot;
  }
}

/** Where in its block a string begins. */
export function offsetOf(ref: BytesRef): number {
  return ref < 0 ? 0 : (ref & BLOCK_UNITS_MASK) << UNIT_SHIFT;
}

function sizeIndexOf(length: number): number {
  const units = length === 0 ? 1 : (length + UNIT_BYTES - 1) >>> UNIT_SHIFT;
  if (units <= FINE_UNITS) return units;
  // units - 1 as 1xxx followed by `shift` bits, rounded up.
  const shift = 28 - Math.clz32(units - 1);
  return FINE_UNITS + (shift - 3) * 8 + ((units - 1) >>> shift) - 7;
}

function unitsOfSize(index: number): number {
  if (index <= FINE_UNITS) return index;
  const step = index - FINE_UNITS - 1;
  return ((step & 7) + 9) << ((step >>> 3) + 3);
}
