/** Where a core that takes a task over begins. The target's own row decides: it moved in the same transaction as the rows. */
import { ReplicatorError } from '../errors.js';
import type { LastCommit, Task } from '../layout/payloads.js';
import { parsePosition } from './gtid.js';

export const Phase = { copying: 'copying', streaming: 'streaming' } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** The task's row in the target's position table. */
export interface PositionRow {
  readonly fence: bigint;
  readonly phase: Phase;
  /** The last applied transaction; of a copy, where its snapshot stands. */
  readonly gtid: string;
  readonly file: string;
  readonly pos: number;
  /** Rows applied so far, those of the copy included. */
  readonly rows: number;
  /** Which copy of the tables it belongs to: the task's number then. */
  readonly copy: number;
}

export type Start =
  /** Empty the tables and copy them, then the binlog. */
  | { readonly kind: 'copy' }
  | { readonly kind: 'resume'; readonly gtid: string }
  /** From whatever is written from now on; the tables are taken as they are. */
  | { readonly kind: 'now' };

/**
 * @throws ReplicatorError `REPLICATOR_BAD_POSITION` when ZooKeeper knows of progress and the target does not: it was
 *   replaced or restored, and to begin anywhere would lose rows or apply them twice
 */
export function decideStart(task: Task, row: PositionRow | null, lastCommit: LastCommit | null): Start {
  if (row !== null && row.copy >= task.copy) {
    // A copy that was broken off is begun again: its snapshot has ended with its connection.
    if (row.phase === Phase.copying) return { kind: 'copy' };
    return { kind: 'resume', gtid: row.gtid };
  }
  if (row === null && lastCommit !== null && lastCommit.phase === Phase.streaming && lastCommit.copy >= task.copy) {
    throw new ReplicatorError(
      'REPLICATOR_BAD_POSITION',
      `expected the target to know its position (ZooKeeper says ${lastCommit.gtid}), found none: was it replaced? ` +
        'Copy the tables anew: menagerie replicator recopy',
    );
  }
  if (task.start === 'snapshot') return { kind: 'copy' };
  if (task.start === 'now') return { kind: 'now' };
  parsePosition(task.start);
  return { kind: 'resume', gtid: task.start };
}
