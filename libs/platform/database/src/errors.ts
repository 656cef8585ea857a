/** What can go wrong with a database of our own. */
export type DatabaseErrorCode =
  /** MariaDB is not installed; the message says how to get it. */
  | 'DATABASE_NOT_INSTALLED'
  /** It ended or did not answer in time; the message has the end of its log. */
  | 'DATABASE_START_FAILED'
  | 'DATABASE_MISUSED';

export class DatabaseError extends Error {
  constructor(
    readonly code: DatabaseErrorCode,
    message: string,
    /** Whether the same call may succeed later. */
    readonly retryable = false,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'DatabaseError';
  }
}
