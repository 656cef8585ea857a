/** What may be changed of a task, and what that means for what was copied already. */
import { type DatabasePlace, ReplicatorError, type Task } from '@menagerie/replicator-core';

export interface TaskChange {
  readonly next: Task;
  /** Whether the databases have to be looked at first. */
  readonly mustInspect: boolean;
}

/** @throws ReplicatorError `REPLICATOR_BAD_REQUEST` when rows would be missed: then a new copy has to be asked for */
export function edited(task: Task, next: Task, isRecopy: boolean): TaskChange {
  const isOther = isElsewhere(task.source, next.source) || isElsewhere(task.target, next.target);
  const isMore = next.tables.some((table) => !task.tables.includes(table));
  if ((isOther || isMore) && !isRecopy) {
    const what = isOther ? 'another database' : 'a table more';
    throw new ReplicatorError(
      'REPLICATOR_BAD_REQUEST',
      `expected "recopy": true with ${what}: its rows are not there yet`,
    );
  }
  return { next: { ...next, copy: task.copy + (isRecopy ? 1 : 0) }, mustInspect: next.desired === 'RUN' };
}

const isElsewhere = (a: DatabasePlace, b: DatabasePlace): boolean =>
  a.host !== b.host || a.port !== b.port || a.database !== b.database;
