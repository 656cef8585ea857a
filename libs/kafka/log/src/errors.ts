/** What the storage throws. What a producer did wrong comes as the protocol's `KafkaAnswerError` or `CorruptBatchError`. */
export type KafkaLogErrorCode = 'KAFKA_LOG_STORAGE' | 'KAFKA_LOG_DIRECTORY' | 'KAFKA_LOG_CHECKPOINT';

export class KafkaLogError extends Error {
  constructor(
    readonly code: KafkaLogErrorCode,
    message: string,
    /** Whether the same may succeed later without anybody changing anything: a full disk may have room again. */
    readonly retryable: boolean,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The disk refused. What was asked for did not happen. */
export class StorageError extends KafkaLogError {
  constructor(what: string, cause: unknown) {
    super('KAFKA_LOG_STORAGE', `${what}: ${String(cause)}`, true, { cause });
  }
}

/** The folder is not what it should be: another broker's, or no folder at all. Whoever started us can mend it. */
export class LogDirectoryError extends KafkaLogError {
  constructor(message: string, cause?: unknown) {
    super('KAFKA_LOG_DIRECTORY', message, false, { cause });
  }
}

/** A checkpoint file is not one. */
export class CheckpointError extends KafkaLogError {
  constructor(path: string, problem: string) {
    super('KAFKA_LOG_CHECKPOINT', `${path}: ${problem}`, false);
  }
}
