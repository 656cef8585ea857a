/** One transaction at the target that only whoever holds the fence can commit. */
import { escape } from 'mysql2';
import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { targetError } from '../mysql-errors.js';
import { fenced, POSITION_TABLE } from './position-table.js';

export interface Holder {
  readonly connection: Connection;
  readonly task: string;
  readonly fence: bigint;
  /** Asked before each commit: throws when nothing may be applied any more. */
  readonly gate: () => void;
}

/**
 * @param set assignments to the position's row, each ending in a comma
 * @returns rows changed by each statement
 * @throws ReplicatorError `REPLICATOR_FENCED`, and whatever the target refuses; nothing is committed then
 */
export async function commitFenced(
  holder: Holder,
  set: string,
  statements: readonly string[],
): Promise<readonly number[]> {
  const { connection, task, fence, gate } = holder;
  try {
    gate();
    const guard = `UPDATE ${POSITION_TABLE} SET ${set} writes = writes + 1 WHERE task = ${escape(task)} AND fence = ${fence}`;
    const [results] = await connection.query<ResultSetHeader[]>(['START TRANSACTION', guard, ...statements].join(';'));
    if (results[1]?.affectedRows !== 1) throw fenced(task, fence);
    gate();
    await connection.query('COMMIT');
    return results.slice(2).map(({ affectedRows }) => affectedRows);
  } catch (error) {
    throw targetError(error);
  }
}
