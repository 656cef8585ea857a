/**
 * Cells as bytes, in files and logs alike.
 *
 *     u16 row length | u16 column length | u32 value length | u8 kind | f64 seq | f64 timestamp | row | column | value
 */
import { type Cell, CellKind, MAX_VALUE_BYTES } from './cell.js';

const HEAD_BYTES = 25;

export const encodedBytes = ({ row, column, value }: Cell): number =>
  HEAD_BYTES + row.length + column.length + value.length;

/** @returns the offset behind the cell */
export function writeCell(cell: Cell, into: Buffer, at: number): number {
  const { row, column, value } = cell;
  into.writeUInt16BE(row.length, at);
  into.writeUInt16BE(column.length, at + 2);
  into.writeUInt32BE(value.length, at + 4);
  into.writeUInt8(cell.kind, at + 8);
  into.writeDoubleBE(cell.seq, at + 9);
  into.writeDoubleBE(cell.timestampMs, at + 17);
  at += HEAD_BYTES;
  at += row.copy(into, at);
  at += column.copy(into, at);
  return at + value.copy(into, at);
}

export function encodeCells(cells: readonly Cell[]): Buffer {
  const bytes = Buffer.allocUnsafe(cells.reduce((sum, cell) => sum + encodedBytes(cell), 0));
  cells.reduce((at, cell) => writeCell(cell, bytes, at), 0);
  return bytes;
}

/**
 * All cells of a piece of memory, as views into it.
 * @throws RangeError when it ends within a cell or holds what is none; whoever read it knows the file to name
 */
export function decodeCells(from: Buffer): Cell[] {
  const cells: Cell[] = [];
  for (let at = 0; at < from.length;) {
    if (at + HEAD_BYTES > from.length) throw new RangeError(`a cell begins at ${at} of ${from.length} bytes`);
    const rowEnd = at + HEAD_BYTES + from.readUInt16BE(at);
    const columnEnd = rowEnd + from.readUInt16BE(at + 2);
    const valueBytes = from.readUInt32BE(at + 4);
    const end = columnEnd + valueBytes;
    const kind = from.readUInt8(at + 8);
    if (end > from.length || valueBytes > MAX_VALUE_BYTES || kind > CellKind.deleteRow) {
      throw new RangeError(`expected a cell at ${at}, got kind ${kind} and an end at ${end} of ${from.length}`);
    }
    cells.push({
      row: from.subarray(at + HEAD_BYTES, rowEnd),
      column: from.subarray(rowEnd, columnEnd),
      value: from.subarray(columnEnd, end),
      kind: kind as CellKind,
      seq: from.readDoubleBE(at + 9),
      timestampMs: from.readDoubleBE(at + 17),
    });
    at = end;
  }
  return cells;
}
