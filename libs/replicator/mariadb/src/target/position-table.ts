/**
 * The position of each task, in the target itself: it moves in the same transaction as the rows, and with it the fence of
 * whoever may write. A core that was overtaken finds a later fence there and can do no more harm.
 *
 * Each writer holds a lock that goes with its connection (`GET_LOCK`). A core that was stopped in the middle of a transaction
 * keeps its connection, and with it the row of its position locked, for as long as it stands still: its successor finds the
 * connection by that lock, and ends it.
 */
import { formatFence, Phase, type PositionRow, ReplicatorError } from '@menagerie/replicator-core';
import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { targetError } from '../mysql-errors.js';

export const POSITION_TABLE = 'menagerie_replicator';
const LOCK_WAIT_S = 10;
/** `ER_NO_SUCH_THREAD`: it has ended by itself. */
const NO_SUCH_THREAD = 1094;

const CREATE = `CREATE TABLE IF NOT EXISTS ${POSITION_TABLE} (
  task VARCHAR(130) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  fence BIGINT UNSIGNED NOT NULL,
  phase VARCHAR(10) NOT NULL,
  gtid VARCHAR(2000) CHARACTER SET ascii NOT NULL DEFAULT '',
  file VARCHAR(255) NOT NULL DEFAULT '',
  pos BIGINT UNSIGNED NOT NULL DEFAULT 0,
  applied BIGINT UNSIGNED NOT NULL DEFAULT 0,
  copy INT UNSIGNED NOT NULL DEFAULT 0,
  ddl VARCHAR(60) NOT NULL DEFAULT '',
  writes BIGINT UNSIGNED NOT NULL DEFAULT 0
) ENGINE=InnoDB`;

interface RawRow {
  readonly fence: string;
  readonly phase: string;
  readonly gtid: string;
  readonly file: string;
  readonly pos: string;
  readonly applied: string;
  readonly copy: number;
  readonly ddl: string;
}

/** No position yet: only the fence stands there. */
const NONE = 'none';

export interface TakenPosition {
  /** Null for a task that never had one. */
  readonly row: PositionRow | null;
  /** The transaction whose statement had begun to be carried out: it may or may not have been. */
  readonly openDdl: string;
}

/**
 * Makes the target ours: from here on nobody with an earlier fence can commit.
 * @throws ReplicatorError `REPLICATOR_FENCED` when a later one is there already
 */
export async function takePosition(connection: Connection, task: string, fence: bigint): Promise<TakenPosition> {
  try {
    await connection.query(CREATE);
    refuseLater(task, fence, await readRow(connection, task));
    await takeLock(connection, task);
    await connection.query(`INSERT IGNORE INTO ${POSITION_TABLE} (task, fence, phase) VALUES (?, ?, ?)`, [
      task,
      fence,
      NONE,
    ]);
    const [{ affectedRows }] = await connection.query<ResultSetHeader>(
      `UPDATE ${POSITION_TABLE} SET fence = ?, writes = writes + 1 WHERE task = ? AND fence <= ?`,
      [fence, task, fence],
    );
    const raw = await readRow(connection, task);
    if (affectedRows !== 1 || raw === null) refuseLater(task, fence, raw);
    return { row: raw === null || raw.phase === NONE ? null : toRow(raw), openDdl: raw?.ddl ?? '' };
  } catch (error) {
    throw targetError(error);
  }
}

/** Before anything else is asked of anybody. @throws ReplicatorError `REPLICATOR_FENCED` */
export async function refuseOvertaken(connection: Connection, task: string, fence: bigint): Promise<void> {
  const row = await readPosition(connection, task);
  if (row !== null && row.fence > fence) throw fenced(task, fence, formatFence(row.fence));
}

/** For whoever only looks. @returns null when there is none */
export async function readPosition(connection: Connection, task: string): Promise<PositionRow | null> {
  try {
    const raw = await readRow(connection, task);
    return raw === null || raw.phase === NONE ? null : toRow(raw);
  } catch (error) {
    if ((error as { errno?: number }).errno === 1146) return null;
    throw targetError(error);
  }
}

async function readRow(connection: Connection, task: string): Promise<RawRow | null> {
  const [rows] = await connection.query(
    `SELECT CAST(fence AS CHAR) AS fence, phase, gtid, file, CAST(pos AS CHAR) AS pos, CAST(applied AS CHAR) AS applied, copy, ddl
     FROM ${POSITION_TABLE} WHERE task = ?`,
    [task],
  );
  return (rows as RawRow[])[0] ?? null;
}

const toRow = (raw: RawRow): PositionRow => ({
  fence: BigInt(raw.fence),
  phase: raw.phase === Phase.copying ? Phase.copying : Phase.streaming,
  gtid: raw.gtid,
  file: raw.file,
  pos: Number(raw.pos),
  rows: Number(raw.applied),
  copy: raw.copy,
});

function refuseLater(task: string, fence: bigint, raw: RawRow | null): void {
  if (raw !== null && BigInt(raw.fence) > fence) throw fenced(task, fence, formatFence(BigInt(raw.fence)));
}

export const fenced = (task: string, fence: bigint, found = 'a later one'): ReplicatorError =>
  new ReplicatorError(
    'REPLICATOR_FENCED',
    `${task}: expected the target's fence to be ${formatFence(fence)}, found ${found}`,
  );

async function takeLock(connection: Connection, task: string): Promise<void> {
  const name = `${POSITION_TABLE}:${task}`.slice(0, 64);
  const [rows] = await connection.query('SELECT IS_USED_LOCK(?) AS holder, CONNECTION_ID() AS own', [name]);
  // Numbers of 64 bits come as text.
  const { holder, own } = (rows as { holder: string | null; own: string }[])[0] as {
    holder: string | null;
    own: string;
  };
  if (holder !== null && Number(holder) !== Number(own)) {
    await connection.query(`KILL CONNECTION ${Number(holder)}`).catch((error: { errno?: number }) => {
      if (error.errno !== NO_SUCH_THREAD) throw error;
    });
  }
  const [got] = await connection.query('SELECT GET_LOCK(?, ?) AS got', [name, LOCK_WAIT_S]);
  if (Number((got as { got: string | null }[])[0]?.got) !== 1) {
    throw new ReplicatorError('REPLICATOR_TARGET_UNAVAILABLE', `target: ${task} is held by another connection`, true);
  }
}
