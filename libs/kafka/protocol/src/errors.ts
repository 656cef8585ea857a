/** What this library throws, and the codes that Kafka's answers carry. */
import { type ErrorCode, errorName } from './errors/error-codes.js';

export type KafkaErrorCode = 'KAFKA_DECODE' | 'KAFKA_FRAME' | 'KAFKA_CORRUPT_BATCH' | 'KAFKA_ANSWER';

export class KafkaError extends Error {
  constructor(
    readonly code: KafkaErrorCode,
    message: string,
    /** Whether the same may succeed later without anybody changing anything. */
    readonly retryable: boolean,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The bytes are not the message they claim to be. */
export class KafkaDecodeError extends KafkaError {
  constructor(message: string) {
    super('KAFKA_DECODE', message, false);
  }
}

/** A frame's length is impossible or over the limit. */
export class KafkaFrameError extends KafkaError {
  constructor(
    readonly length: number,
    readonly maxFrameBytes: number,
  ) {
    super('KAFKA_FRAME', `expected a frame of 0 to ${maxFrameBytes} bytes, got ${length}`, false);
  }
}

/** A record batch that must not be stored; `errorCode` is what its sender is told. */
export class CorruptBatchError extends KafkaError {
  constructor(
    message: string,
    readonly errorCode: ErrorCode,
  ) {
    super('KAFKA_CORRUPT_BATCH', message, false);
  }
}

/** Kafka's own error, as an exception inside a broker: it becomes `errorCode` in the answer. */
export class KafkaAnswerError extends KafkaError {
  constructor(
    readonly errorCode: ErrorCode,
    message = errorName(errorCode),
  ) {
    super('KAFKA_ANSWER', message, false);
  }
}
