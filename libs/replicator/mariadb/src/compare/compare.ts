/** Both sides of a task, table by table. */
import {
  covers,
  type GtidPosition,
  parsePosition,
  type Table,
  type TableSum,
  type Task,
  unequalSums,
} from '@menagerie/replicator-core';
import type { Connection } from 'mysql2/promise';
import { connectSource, connectTarget } from '../connect.js';
import { sourceError, targetError } from '../mysql-errors.js';
import { readTables } from '../source/read-tables.js';
import { readPosition } from '../target/position-table.js';
import { sumTable } from './sums.js';

export interface Comparison {
  readonly isEqual: boolean;
  /** Whether the target had applied everything that the source had when it was looked at; if not, sums differ by what is on its way. */
  readonly isCaughtUp: boolean;
  readonly sourceGtid: string;
  readonly targetGtid: string;
  /** A line for each table that differs. */
  readonly differences: readonly string[];
  readonly source: readonly TableSum[];
  readonly target: readonly TableSum[];
}

/** Each side is read in one snapshot of its own. @throws ReplicatorError */
export async function compareTask(task: Task, key: string): Promise<Comparison> {
  const source = await connectSource(task.source);
  try {
    const target = await connectTarget(task.target);
    try {
      return await compare(task, key, source, target);
    } finally {
      target.destroy();
    }
  } finally {
    source.destroy();
  }
}

async function compare(task: Task, key: string, source: Connection, target: Connection): Promise<Comparison> {
  const from = await sumAll(source, task.source.database, task.tables).catch((error: unknown) => {
    throw sourceError(error);
  });
  const sourceGtid = from.gtid;
  const targetGtid = (await readPosition(target, key))?.gtid ?? '';
  const to = await sumAll(target, task.target.database, task.tables).catch((error: unknown) => {
    throw targetError(error);
  });
  const differences = unequalSums(from.sums, to.sums);
  return {
    isEqual: differences.length === 0,
    isCaughtUp: isCovered(targetGtid, parsePosition(sourceGtid)),
    sourceGtid,
    targetGtid,
    differences,
    source: from.sums,
    target: to.sums,
  };
}

const isCovered = (targetGtid: string, source: GtidPosition): boolean => covers(parsePosition(targetGtid), source);

async function sumAll(
  connection: Connection,
  database: string,
  names: readonly string[],
): Promise<{ gtid: string; sums: readonly TableSum[] }> {
  const tables: readonly Table[] = await readTables(connection, database, names);
  const [rows] = await connection.query('SELECT @@global.gtid_binlog_pos AS gtid');
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
  const sums: TableSum[] = [];
  for (const table of tables) sums.push(await sumTable(connection, table));
  await connection.query('COMMIT');
  return { gtid: (rows as { gtid: string | null }[])[0]?.gtid ?? '', sums };
}
