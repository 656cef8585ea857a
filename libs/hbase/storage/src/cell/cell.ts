/**
 * The unit of storage: one version of one column of one row. Cells are sorted by row, column and then the newest first, as
 * HBase's CellComparator does, except that "newest" is the region's sequence id and never a clock (decision 114).
 */
import { CellError } from '../errors.js';

export const CellKind = {
  put: 0,
  /** Hides older versions of its column. */
  deleteColumn: 1,
  /** Hides everything older in its row; its column is empty, so that it is met first. */
  deleteRow: 2,
} as const;
export type CellKind = (typeof CellKind)[keyof typeof CellKind];

export interface Cell {
  readonly row: Buffer;
  /** `family:qualifier`; empty in a `deleteRow`. */
  readonly column: Buffer;
  /** Position of its mutation in the region's history. Invariant: grows with every acknowledged mutation of a region. */
  readonly seq: number;
  readonly kind: CellKind;
  /** Milliseconds since 1970 by the server that took it; data, not order. */
  readonly timestampMs: number;
  readonly value: Buffer;
}

/** HBase's Short.MAX_VALUE for rows. */
export const MAX_ROW_BYTES = 32_767;
export const MAX_COLUMN_BYTES = 32_767;
/** hbase.client.keyvalue.maxsize: 10 MiB. */
export const MAX_VALUE_BYTES = 10 * 1_048_576;
export const NOTHING: Buffer = Buffer.alloc(0);

/** @returns below 0 when `a` comes first */
export function compareCells(a: Cell, b: Cell): number {
  return Buffer.compare(a.row, b.row) || Buffer.compare(a.column, b.column) || b.seq - a.seq || a.kind - b.kind;
}

/** @throws CellError which limit was passed, and by what */
export function assertCell({ row, column, kind, value }: Pick<Cell, 'row' | 'column' | 'kind' | 'value'>): void {
  if (row.length === 0 || row.length > MAX_ROW_BYTES) {
    throw new CellError(`row: expected 1 to ${MAX_ROW_BYTES} bytes, got ${row.length}`);
  }
  if (value.length > MAX_VALUE_BYTES) {
    throw new CellError(`value: expected at most ${MAX_VALUE_BYTES} bytes, got ${value.length}`);
  }
  if ((kind === CellKind.deleteRow) !== (column.length === 0) || column.length > MAX_COLUMN_BYTES) {
    throw new CellError(`column: expected family:qualifier of at most ${MAX_COLUMN_BYTES} bytes, got ${column.length}`);
  }
}

/** What a cell takes in memory, roughly. */
export const cellBytes = ({ row, column, value }: Cell): number => row.length + column.length + value.length + 64;
