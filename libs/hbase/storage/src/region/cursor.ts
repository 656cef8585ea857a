/** Merges sorted sources into one sorted stream of cells. Asynchronous only where a block has to be read. */
import { type Cell, compareCells } from '../cell/cell.js';
import type { StoreFile } from '../file/store-file.js';
import type { Memstore } from './memstore.js';

/** Invariant: `head` is the source's smallest cell that was not taken, null at its end. */
export interface Cursor {
  readonly head: Cell | null;
  advance(): void | Promise<void>;
}

export function memstoreCursor(memstore: Memstore, from: Buffer): Cursor {
  const cells = memstore.from(from);
  const next = (): Cell | null => cells.next().value ?? null;
  let head = next();
  return {
    get head() {
      return head;
    },
    advance() {
      head = next();
    },
  };
}

class FileCursor implements Cursor {
  head: Cell | null = null;
  private at = 0;
  private cells: readonly Cell[] = [];

  constructor(
    private readonly file: StoreFile,
    private number: number,
    private readonly toEnd: boolean,
  ) {}

  async seek(from: Buffer): Promise<this> {
    await this.load();
    while (this.head !== null && Buffer.compare(this.head.row, from) < 0) await this.advance();
    return this;
  }

  advance(): void | Promise<void> {
    this.at += 1;
    this.head = this.cells[this.at] ?? null;
    if (this.head !== null || !this.toEnd) return;
    this.number += 1;
    return this.load();
  }

  private load(): void | Promise<void> {
    const found = this.file.block(this.number);
    if (found instanceof Promise) return found.then((cells) => this.begin(cells));
    this.begin(found ?? []);
  }

  private begin(cells: readonly Cell[]): void {
    [this.cells, this.at, this.head] = [cells, 0, cells[0] ?? null];
  }
}

/** All cells of a file from the first of a row on. */
export const fileCursor = (file: StoreFile, from: Buffer): Promise<Cursor> =>
  new FileCursor(file, file.blockOf(from), true).seek(from);

/** No farther than the block of the row, so that another, damaged one does no harm. */
export const rowCursor = (file: StoreFile, row: Buffer): Promise<Cursor> =>
  new FileCursor(file, file.blockOf(row), false).seek(row);

/** The cells of the next row over all sources, sorted; null when there is none. Equal cells come once. */
export async function nextRow(cursors: readonly Cursor[]): Promise<Cell[] | null> {
  let row: Buffer | null = null;
  for (const { head } of cursors) {
    if (head !== null && (row === null || Buffer.compare(head.row, row) < 0)) row = head.row;
  }
  if (row === null) return null;
  const cells: Cell[] = [];
  for (const cursor of cursors) {
    while (cursor.head !== null && cursor.head.row.equals(row)) {
      cells.push(cursor.head);
      const moved = cursor.advance();
      if (moved !== undefined) await moved;
    }
  }
  cells.sort(compareCells);
  return cells.filter((cell, index) => index === 0 || compareCells(cells[index - 1]!, cell) !== 0);
}
