/** What a region has not written to a file yet, sorted. A clone costs nothing, which is what makes scans consistent. */
import { createRequire } from 'node:module';
import { type Cell, cellBytes, compareCells, NOTHING } from '../cell/cell.js';

// A CommonJS package with a default export, which Node and test runners give different names when it is imported.
const { default: BTree } = createRequire(import.meta.url)('sorted-btree') as typeof import('sorted-btree');
type Cells = InstanceType<typeof BTree<Cell, undefined>>;

export class Memstore {
  private constructor(
    private readonly cells: Cells,
    private size: number,
    private newest: number,
  ) {}

  static empty(): Memstore {
    return new Memstore(new BTree<Cell, undefined>([], compareCells), 0, 0);
  }

  /** Bytes it takes, roughly. */
  get bytes(): number {
    return this.size;
  }

  get count(): number {
    return this.cells.size;
  }

  /** 0 when empty. */
  get lastSeq(): number {
    return this.newest;
  }

  add(cell: Cell): void {
    if (!this.cells.set(cell, undefined)) return;
    this.size += cellBytes(cell);
    this.newest = Math.max(this.newest, cell.seq);
  }

  /** As it is now, whatever is added later. */
  clone(): Memstore {
    return new Memstore(this.cells.clone(), this.size, this.newest);
  }

  /** All cells from the first of `row` on, sorted. */
  *from(row: Buffer): Generator<Cell, undefined> {
    for (const [cell] of this.cells.entries(firstOf(row))) yield cell;
  }
}

/** Before every cell of the row, and behind every cell of the rows before. */
const firstOf = (row: Buffer): Cell => ({
  row,
  column: NOTHING,
  seq: Infinity,
  kind: 0,
  timestampMs: 0,
  value: NOTHING,
});
