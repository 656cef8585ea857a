/** What can go wrong in log collection, one stable code each. */

export type LogsErrorCode =
  /** A znode or a file holds something that no part of this system writes. */
  | 'LOGS_BAD_PAYLOAD'
  /** A setting or a command that cannot be obeyed. */
  | 'LOGS_BAD_REQUEST'
  /** Another collector holds the source by a later generation: whoever gets this must stop writing it. */
  | 'LOGS_STALE_GENERATION'
  /** A batch that does not begin where the sink ends. */
  | 'LOGS_OUT_OF_ORDER'
  /** The sink cannot take more at the moment: a full disk, a file system that says no. */
  | 'LOGS_SINK_UNAVAILABLE'
  /** Frames on the wire that are not what an agent sends. */
  | 'LOGS_BAD_FRAME'
  /** The agent answers, but not with the log: no such source, a binary file, no permission. */
  | 'LOGS_SOURCE_REFUSED'
  /** The agent does not answer. */
  | 'LOGS_AGENT_UNREACHABLE'
  /** This allocator does not lead; the message says who does, if anybody. */
  | 'LOGS_NOT_LEADER';

export class LogsError extends Error {
  constructor(
    readonly code: LogsErrorCode,
    message: string,
    /** Whether the same call may succeed later. */
    readonly retryable: boolean,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'LogsError';
  }
}

export const isLogsError = (error: unknown, code?: LogsErrorCode): error is LogsError =>
  error instanceof LogsError && (code === undefined || error.code === code);
