/** What can go wrong in replication, one stable code each. */

export type ReplicatorErrorCode =
  /** A znode or the position table holds something that no part of this system writes. */
  | 'REPLICATOR_BAD_PAYLOAD'
  /** A setting or a command that cannot be obeyed. */
  | 'REPLICATOR_BAD_REQUEST'
  | 'REPLICATOR_UNKNOWN_TASK'
  | 'REPLICATOR_TASK_EXISTS'
  /** Somebody else changed it in between. */
  | 'REPLICATOR_CONFLICT'
  /** The source cannot be replicated from as it is set up: the message says what to change. */
  | 'REPLICATOR_SOURCE_UNSUITABLE'
  /** The target cannot take the tables as it is set up: the message says what to change. */
  | 'REPLICATOR_TARGET_UNSUITABLE'
  /** Does not answer, or the connection went. */
  | 'REPLICATOR_SOURCE_UNAVAILABLE'
  | 'REPLICATOR_TARGET_UNAVAILABLE'
  /** A later instance has taken the task over: whoever gets this must stop. */
  | 'REPLICATOR_FENCED'
  /** The source has no binlog from the position on any more: only a new copy helps. */
  | 'REPLICATOR_BINLOG_PURGED'
  /** The kept position is not one to go on from. */
  | 'REPLICATOR_BAD_POSITION'
  /** A change of a table's definition that has to be looked at first. */
  | 'REPLICATOR_DDL_PAUSED'
  /** Row events whose columns are not those of the target's table. */
  | 'REPLICATOR_SCHEMA_CHANGED'
  /** A row that should be there is not, or the reverse: somebody else wrote to the target. */
  | 'REPLICATOR_DIVERGED'
  /** More bytes than the source may send, or the target may be sent, at once. */
  | 'REPLICATOR_EVENT_TOO_LARGE';

export class ReplicatorError extends Error {
  constructor(
    readonly code: ReplicatorErrorCode,
    message: string,
    /** Whether the same may succeed later without anybody changing anything. */
    readonly retryable = false,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ReplicatorError';
  }
}

export const isReplicatorError = (error: unknown, code?: ReplicatorErrorCode): error is ReplicatorError =>
  error instanceof ReplicatorError && (code === undefined || error.code === code);
