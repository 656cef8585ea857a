/** What the decisions refuse. */
export type HBaseErrorCode =
  'HBASE_BAD_PAYLOAD' | 'HBASE_BAD_SERVER_NAME' | 'HBASE_YOU_ARE_DEAD' | 'HBASE_CLOCK_OUT_OF_SYNC';

export class HBaseError extends Error {
  constructor(
    readonly code: HBaseErrorCode,
    message: string,
    readonly retryable: boolean,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A znode holds what it should not. */
export class PayloadError extends HBaseError {
  constructor(where: string, problem: string, cause?: unknown) {
    super('HBASE_BAD_PAYLOAD', `${where}: ${problem}`, false, { cause });
  }
}

/** YouAreDeadException: the server's regions are being given to others, and it has to abort. */
export class YouAreDeadError extends HBaseError {
  constructor(server: string) {
    super('HBASE_YOU_ARE_DEAD', `${server}: expected a server that lives, it was declared dead`, false);
  }
}

/** ClockOutOfSyncException. */
export class ClockOutOfSyncError extends HBaseError {
  constructor(server: string, skewMs: number, maxMs: number) {
    super('HBASE_CLOCK_OUT_OF_SYNC', `${server}: expected a clock within ${maxMs} ms of ours, got ${skewMs} ms`, false);
  }
}
