/**
 * Row changes as SQL. What follows each other in one table and of one kind becomes one statement, and each statement says how
 * many rows it must change: fewer or more means that the target is not what the source was.
 */
import { ReplicatorError, type Table, unknownColumns } from '@menagerie/replicator-core';
import { escape, escapeId } from 'mysql2';
import { isRows, type BinlogItem, type Row, type RowsItem, type Value } from '../source/binlog-item.js';

export interface SqlStatement {
  readonly sql: string;
  readonly table: string;
  readonly rows: number;
  /** As MariaDB counts: 1 a row that was inserted, deleted or changed; 2 a row that an upsert changed. */
  readonly expected: number;
  /** Of an upsert: rows whose two images are the same, which MariaDB counts as 0. Counted only when it has to be. */
  readonly unchanged?: () => number;
}

const MAX_ROWS_PER_STATEMENT = 1_000;
const MAX_STATEMENT_CHARS = 1_000_000;

/** Characters that a quoted text cannot have as they are. */
const SPECIAL = /[\0\b\t\n\r\x1a"'\\]/;

export function toSql(value: Value | undefined): string {
  if (value === null) return 'NULL';
  // The empty value of an ENUM, which stands for one that was not allowed.
  if (value === undefined) return "''";
  if (typeof value === 'string') return SPECIAL.test(value) ? escape(value) : `'${value}'`;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return String(value);
    throw new ReplicatorError('REPLICATOR_SCHEMA_CHANGED', `expected a finite number, got ${value}`);
  }
  if (Buffer.isBuffer(value)) return value.length === 0 ? "''" : `X'${value.toString('hex')}'`;
  throw new ReplicatorError('REPLICATOR_SCHEMA_CHANGED', `expected text, a number or bytes, got ${typeof value}`);
}

interface Shape {
  readonly columns: readonly string[];
  readonly quotedColumns: string;
  readonly upsertTail: string;
  readonly key: readonly string[];
  readonly quotedKey: string;
  readonly quotedName: string;
}

/** Of one target: knows its tables, and how their columns are written. */
export class StatementWriter {
  private readonly shapes = new Map<string, Shape>();

  constructor(private tables: ReadonlyMap<string, Table>) {}

  /** After a change of definitions. */
  reset(tables: ReadonlyMap<string, Table>): void {
    this.tables = tables;
    this.shapes.clear();
  }

  /** @throws ReplicatorError `REPLICATOR_SCHEMA_CHANGED` when events and table have other columns */
  write(items: readonly BinlogItem[]): readonly SqlStatement[] {
    const statements: SqlStatement[] = [];
    for (let at = 0; at < items.length;) {
      const item = items[at] as BinlogItem;
      at += 1;
      if (!isRows(item)) continue;
      // What belongs together, across the boundaries of transactions: all of it is committed at once.
      const rows: RowsItem['rows'][number][] = [...item.rows];
      for (; at < items.length && rows.length < MAX_ROWS_PER_STATEMENT; at += 1) {
        const next = items[at] as BinlogItem;
        if (next.kind === 'boundary') continue;
        if (next.kind !== item.kind || next.table !== item.table) break;
        for (const row of next.rows) rows.push(row);
      }
      this.writeRows({ ...item, rows } as RowsItem, statements);
    }
    return statements;
  }

  private writeRows(item: RowsItem, into: SqlStatement[]): void {
    switch (item.kind) {
      case 'insert':
        return this.writeInserts(item.table, item.rows, into);
      case 'delete':
        return this.writeDeletes(item.table, item.rows, into);
      case 'update':
        return this.writeUpdates(item.table, item.rows, into);
    }
  }

  private writeInserts(table: string, rows: readonly Row[], into: SqlStatement[]): void {
    const shape = this.shapeOf(table, rows[0]);
    chunks(
      rows,
      (row) => tuple(row, shape.columns),
      (tuples, some) =>
        into.push({
          sql: `INSERT INTO ${shape.quotedName} (${shape.quotedColumns}) VALUES ${tuples}`,
          table,
          rows: some.length,
          expected: some.length,
        }),
    );
  }

  private writeDeletes(table: string, rows: readonly Row[], into: SqlStatement[]): void {
    const shape = this.shapeOf(table, rows[0]);
    const [single] = shape.key.length === 1 ? shape.key : [];
    const one = (row: Row) => (single === undefined ? tuple(row, shape.key) : toSql(row[single]));
    chunks(rows, one, (tuples, some) =>
      into.push({
        sql: `DELETE FROM ${shape.quotedName} WHERE ${shape.quotedKey} IN (${tuples})`,
        table,
        rows: some.length,
        expected: some.length,
      }),
    );
  }

  /** Those that keep their key go together as an upsert; the others one by one, in their place. */
  private writeUpdates(table: string, rows: readonly { before: Row; after: Row }[], into: SqlStatement[]): void {
    const shape = this.shapeOf(table, rows[0]?.after);
    const keepsKey = ({ before, after }: { before: Row; after: Row }) =>
      shape.key.every((name) => isSame(before[name], after[name]));
    let begin = 0;
    const flush = (end: number): void => {
      if (end === begin) return;
      chunks(
        rows.slice(begin, end),
        ({ after }) => tuple(after, shape.columns),
        (tuples, some) =>
          into.push({
            sql: `INSERT INTO ${shape.quotedName} (${shape.quotedColumns}) VALUES ${tuples} ${shape.upsertTail}`,
            table,
            rows: some.length,
            expected: 2 * some.length,
            unchanged: () =>
              some.filter(({ before, after }) => shape.columns.every((name) => isSame(before[name], after[name])))
                .length,
          }),
      );
    };
    for (const [at, row] of rows.entries()) {
      if (keepsKey(row)) continue;
      flush(at);
      begin = at + 1;
      const set = shape.columns.map((name) => `${escapeId(name)} = ${toSql(row.after[name])}`).join(', ');
      const where = shape.key.map((name) => `${escapeId(name)} = ${toSql(row.before[name])}`).join(' AND ');
      into.push({ sql: `UPDATE ${shape.quotedName} SET ${set} WHERE ${where}`, table, rows: 1, expected: 1 });
    }
    flush(rows.length);
  }

  private shapeOf(name: string, row: Row | undefined): Shape {
    const columns = Object.keys(row ?? {});
    const known = this.shapes.get(name);
    if (known !== undefined && isEqualList(known.columns, columns)) return known;
    const table = this.tables.get(name);
    const problems = table === undefined ? [`${name}: not at the target`] : unknownColumns(columns, table);
    if (table === undefined || problems.length > 0) {
      const advice = 'make both sides alike, or copy the tables anew (menagerie replicator recopy)';
      throw new ReplicatorError('REPLICATOR_SCHEMA_CHANGED', `${problems.join('; ')}: ${advice}`);
    }
    const key = table.primaryKey;
    const quoted = columns.map((column) => escapeId(column));
    const rest = columns.filter((column) => !key.includes(column)).map((column) => escapeId(column));
    // A table that is nothing but its key has nothing to set; an assignment has to stand there.
    const set = rest.length > 0 ? rest : key.map((column) => escapeId(column));
    const shape: Shape = {
      columns,
      quotedColumns: quoted.join(', '),
      upsertTail: `ON DUPLICATE KEY UPDATE ${set.map((column) => `${column} = VALUES(${column})`).join(', ')}`,
      key,
      quotedKey:
        key.length === 1 ? escapeId(key[0] as string) : `(${key.map((column) => escapeId(column)).join(', ')})`,
      quotedName: escapeId(name),
    };
    this.shapes.set(name, shape);
    return shape;
  }
}

function tuple(row: Row, columns: readonly string[]): string {
  let text = '(';
  for (let at = 0; at < columns.length; at += 1) text += (at === 0 ? '' : ',') + toSql(row[columns[at] as string]);
  return `${text})`;
}

/** Statements of a bounded length, of at least one row each. */
function chunks<T>(
  rows: readonly T[],
  write: (row: T) => string,
  done: (tuples: string, rows: readonly T[]) => void,
): void {
  let begin = 0;
  let text = '';
  for (let at = 0; at < rows.length; at += 1) {
    const one = write(rows[at] as T);
    if (at > begin && (text.length + one.length > MAX_STATEMENT_CHARS || at - begin >= MAX_ROWS_PER_STATEMENT)) {
      done(text, rows.slice(begin, at));
      begin = at;
      text = '';
    }
    text += text === '' ? one : `,${one}`;
  }
  if (begin < rows.length) done(text, rows.slice(begin));
}

const isSame = (a: Value | undefined, b: Value | undefined): boolean =>
  a === b || (Buffer.isBuffer(a) && Buffer.isBuffer(b) && a.equals(b));

const isEqualList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, at) => one === b[at]);
