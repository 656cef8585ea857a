/** What a leader looks at before it appends, and what it fills in. */
import {
  type Batch,
  ErrorCode,
  isControl,
  isReadable,
  isTransactional,
  KafkaAnswerError,
  NO_PRODUCER_ID,
  placeBatch,
  readBatchHeader,
  readRecords,
  stampAppendTime,
} from '@menagerie/kafka-protocol';

import type { LogConfig } from './config.js';
import type { RememberedBatch } from './state/producer-entry.js';
import type { Producers } from './state/producers.js';

/** `coordinator`: the broker's own offsets, transactions and markers. */
export type AppendOrigin = 'client' | 'coordinator';

/**
 * @returns the batch that is repeated, when all of it is there already
 * @throws KafkaAnswerError with what the producer is told
 */
export function checkFromProducer(
  batches: readonly Batch[],
  config: LogConfig,
  producers: Producers,
  origin: AppendOrigin,
): RememberedBatch | null {
  if (batches.length === 0) throw new KafkaAnswerError(ErrorCode.INVALID_RECORD, 'expected a batch, got none');
  // Whoever numbers batches sends one at a time: of several, a repeat could not be told from a gap.
  const numbered = batches.filter(({ header }) => header.producerId !== NO_PRODUCER_ID);
  if (numbered.length > 0 && batches.length > 1) {
    throw new KafkaAnswerError(ErrorCode.INVALID_RECORD, `expected one batch of a producer, got ${batches.length}`);
  }
  for (const batch of batches) {
    const { header } = batch;
    if (header.sizeBytes > config.maxMessageBytes) {
      const message = `expected a batch of at most ${config.maxMessageBytes} bytes, got ${header.sizeBytes}`;
      throw new KafkaAnswerError(ErrorCode.MESSAGE_TOO_LARGE, message);
    }
    if (origin === 'client') checkClientBatch(batch, config);
  }
  return batches.length === 1 ? producers.check(batches[0]!) : null;
}

function checkClientBatch(batch: Batch, config: LogConfig): void {
  const { header } = batch;
  const invalid = (message: string) => new KafkaAnswerError(ErrorCode.INVALID_RECORD, message);
  if (isControl(header)) throw invalid('expected records, got a control batch');
  if (header.recordCount !== header.lastOffset - header.baseOffset + 1) {
    throw invalid(
      `expected a record for each of ${header.lastOffset - header.baseOffset + 1} offsets, got ${header.recordCount}`,
    );
  }
  if (header.producerId !== NO_PRODUCER_ID && (header.baseSequence < 0 || header.producerEpoch < 0)) {
    throw invalid(`expected a sequence and an epoch from producer ${header.producerId}`);
  }
  if (isTransactional(header) && header.producerId === NO_PRODUCER_ID) {
    throw invalid('expected a producer id in a transaction');
  }
  if (config.compact && isReadable(batch) && readRecords(batch).some((record) => record.key === null)) {
    throw invalid('expected a key in each record of a compacted topic');
  }
}

/** Gives the batches their offsets. @returns them as they are now */
export function placeAll(
  batches: readonly Batch[],
  baseOffset: number,
  leaderEpoch: number,
  appendTimeMs: number | null,
): readonly Batch[] {
  let next = baseOffset;
  return batches.map(({ bytes }) => {
    placeBatch(bytes, next, leaderEpoch);
    if (appendTimeMs !== null) stampAppendTime(bytes, appendTimeMs);
    const header = readBatchHeader(bytes);
    next = header.lastOffset + 1;
    return { header, bytes };
  });
}
