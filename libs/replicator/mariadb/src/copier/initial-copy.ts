/**
 * The first copy of the tables: one snapshot of the source, of which it says where in its binlog it stands (MariaDB's
 * `binlog_snapshot_*`), so that nobody has to be locked out. Rows go over in fenced transactions; the last of them turns the
 * position from `copying` to `streaming`. A copy that is broken off is begun again, since its snapshot is gone.
 */
import { Phase, type Table, type Task } from '@menagerie/replicator-core';
import { escape, escapeId } from 'mysql2';
import type { Connection as RawConnection } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { sourceError } from '../mysql-errors.js';
import { commitFenced, type Holder } from '../target/fenced.js';
import { StatementWriter } from '../target/statements.js';
import type { Row } from '../source/binlog-item.js';

const ROWS_PER_TRANSACTION = 2_000;
const ROWS_PER_DELETE = 10_000;

export interface Copied {
  readonly gtid: string;
  readonly file: string;
  readonly pos: number;
  readonly rows: number;
}

/** @param source its own: the snapshot lives as long as its transaction */
export async function copyTables(
  source: Connection,
  holder: Holder,
  task: Task,
  tables: ReadonlyMap<string, Table>,
  onRows: (rows: number) => void,
  signal: AbortSignal,
): Promise<Copied> {
  await commitFenced(holder, `phase = '${Phase.copying}', gtid = '', applied = 0, ddl = '', copy = ${task.copy},`, []);
  for (const name of tables.keys()) await empty(holder, name, signal);
  const { gtid, file, pos } = await openSnapshot(source);
  const writer = new StatementWriter(tables);
  let rows = 0;
  for (const table of tables.values()) {
    for await (const some of readRows(source, table, signal)) {
      const statements = writer.write([{ kind: 'insert', table: table.name, rows: some }]);
      await commitFenced(
        holder,
        `applied = applied + ${some.length},`,
        statements.map(({ sql }) => sql),
      );
      rows += some.length;
      onRows(rows);
    }
  }
  await query(source, 'COMMIT');
  const position = `gtid = ${escape(gtid)}, file = ${escape(file)}, pos = ${pos},`;
  await commitFenced(holder, `phase = '${Phase.streaming}', ${position}`, []);
  return { gtid, file, pos, rows };
}

async function empty(holder: Holder, table: string, signal: AbortSignal): Promise<void> {
  for (let deleted = ROWS_PER_DELETE; deleted === ROWS_PER_DELETE;) {
    signal.throwIfAborted();
    [deleted = 0] = await commitFenced(holder, '', [`DELETE FROM ${escapeId(table)} LIMIT ${ROWS_PER_DELETE}`]);
  }
}

async function openSnapshot(source: Connection): Promise<Omit<Copied, 'rows'>> {
  await query(source, 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await query(source, 'START TRANSACTION WITH CONSISTENT SNAPSHOT');
  const status = (await query(source, "SHOW STATUS LIKE 'binlog_snapshot_%'")) as {
    Variable_name: string;
    Value: string;
  }[];
  const values = new Map(status.map((row) => [row.Variable_name.toLowerCase(), row.Value]));
  const file = values.get('binlog_snapshot_file') ?? '';
  const pos = Number(values.get('binlog_snapshot_position'));
  const [found] = (await query(source, `SELECT BINLOG_GTID_POS(${escape(file)}, ${pos}) AS gtid`)) as {
    gtid: string | null;
  }[];
  return { gtid: found?.gtid ?? '', file, pos };
}

async function query(source: Connection, sql: string): Promise<unknown> {
  try {
    return (await source.query(sql))[0];
  } catch (error) {
    throw sourceError(error);
  }
}

/** Some rows at a time, no faster than they are taken. */
async function* readRows(source: Connection, table: Table, signal: AbortSignal): AsyncIterable<readonly Row[]> {
  // As text a FLOAT has six digits only; as a DOUBLE it has all of them.
  const columns = table.columns.map(({ name, type }) =>
    /^float/i.test(type) ? `CAST(${escapeId(name)} AS DOUBLE) AS ${escapeId(name)}` : escapeId(name),
  );
  const raw = (source as unknown as { readonly connection: RawConnection }).connection;
  const stream = raw
    .query(`SELECT ${columns.join(', ')} FROM ${escapeId(table.name)}`)
    .stream({ objectMode: true, highWaterMark: ROWS_PER_TRANSACTION });
  let some: Row[] = [];
  try {
    for await (const row of stream) {
      signal.throwIfAborted();
      some.push(row as Row);
      if (some.length < ROWS_PER_TRANSACTION) continue;
      yield some;
      some = [];
    }
  } catch (error) {
    signal.throwIfAborted();
    throw sourceError(error);
  }
  if (some.length > 0) yield some;
}
