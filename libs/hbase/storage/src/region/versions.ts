/** Which cells of a row are seen, and which a compaction keeps: pure. */
import { type Cell, CellKind } from '../cell/cell.js';

/**
 * What a reader sees of a row: of each column the newest put that no later deletion hides.
 * @param cells all of one row, sorted
 */
export function visible(cells: readonly Cell[]): Cell[] {
  const seen: Cell[] = [];
  let rowDeleted = -1;
  let column: Buffer | undefined;
  for (const cell of cells) {
    if (cell.kind === CellKind.deleteRow) {
      rowDeleted = Math.max(rowDeleted, cell.seq);
      continue;
    }
    if (column?.equals(cell.column)) continue;
    column = cell.column;
    // One mutation that deletes its row and puts into it leaves what it has put.
    if (cell.kind === CellKind.put && cell.seq >= rowDeleted) seen.push(cell);
  }
  return seen;
}

/**
 * What a compaction writes of a row.
 * @param everything all files of the region take part, so that a deletion has nothing left to hide
 */
export function kept(cells: readonly Cell[], everything: boolean): Cell[] {
  if (everything) return visible(cells);
  const rest: Cell[] = [];
  let column: Buffer | undefined;
  for (const cell of cells) {
    if (column?.equals(cell.column)) continue;
    column = cell.column;
    rest.push(cell);
  }
  return rest;
}
