/** What comes out of a binlog, in its order. */
import type { Gtid } from '@menagerie/replicator-core';

export type Value = string | number | null | Buffer;
export type Row = Readonly<Record<string, Value>>;

export type RowsItem =
  | { readonly kind: 'insert' | 'delete'; readonly table: string; readonly rows: readonly Row[] }
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly rows: readonly { readonly before: Row; readonly after: Row }[];
    };

export interface StatementItem {
  readonly kind: 'statement';
  readonly database: string;
  readonly sql: string;
  readonly gtid: Gtid;
}

/** A transaction ends here: a position that can be gone on from. */
export interface BoundaryItem {
  readonly kind: 'boundary';
  readonly gtid: Gtid;
  readonly file: string;
  readonly pos: number;
  /** When it was committed at the source, to the second, by the source's clock. */
  readonly committedAtMs: number;
}

export type BinlogItem = RowsItem | StatementItem | BoundaryItem;

export const isRows = (item: BinlogItem): item is RowsItem =>
  item.kind === 'insert' || item.kind === 'update' || item.kind === 'delete';
