/** From whatever a handler ran into to the code its client is told. */
import { CorruptBatchError, ErrorCode, KafkaAnswerError, KafkaDecodeError } from '@menagerie/kafka-protocol';
import { KafkaLogError } from '@menagerie/kafka-log';
import { isZooKeeperError } from '@menagerie/zookeeper-client';
import type { Logger } from '@menagerie/service';

export function errorCodeOf(error: unknown, logger: Logger): ErrorCode {
  if (error instanceof KafkaAnswerError || error instanceof CorruptBatchError) return error.errorCode;
  if (error instanceof KafkaDecodeError) return ErrorCode.INVALID_REQUEST;
  if (error instanceof KafkaLogError) {
    logger.error({ err: error }, 'the disk refuses');
    return ErrorCode.KAFKA_STORAGE_ERROR;
  }
  if (isZooKeeperError(error) && error.retryable) return ErrorCode.REQUEST_TIMED_OUT;
  logger.error({ err: error }, 'a request failed in a way it should not');
  return ErrorCode.UNKNOWN_SERVER_ERROR;
}

/** For answers that have room for a message. */
export function errorMessageOf(error: unknown): string | null {
  return error instanceof Error ? error.message : null;
}
