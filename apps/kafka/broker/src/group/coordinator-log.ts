/** How a coordinator writes into a partition of its own topic, and reads all of it when it takes over. */
import {
  attributesOf,
  type Batch,
  buildBatch,
  ErrorCode,
  isReadable,
  type KafkaRecord,
  type NewRecord,
  readRecords,
  splitWholeBatches,
} from '@menagerie/kafka-protocol';
import type { Logger } from '@menagerie/service';
import { setImmediate as turn } from 'node:timers/promises';

import { errorCodeOf } from '../api/errors.js';
import type { Partition } from '../replica/partition.js';

const READ_BYTES = 1024 * 1024;

export interface AppendOptions {
  readonly timeoutMs: number;
  /** Offsets that count once the transaction is committed. */
  readonly transaction?: { readonly producerId: number; readonly producerEpoch: number };
  /** Called in the turn in which the records take their place in the log, before anything else can come behind them. */
  readonly onAppended?: () => void;
  readonly logger: Logger;
}

/** Resolves when the records are committed, or with why they are not; the words are a coordinator's. */
export async function appendCommitted(
  partition: Partition,
  records: readonly NewRecord[],
  { timeoutMs, transaction, onAppended, logger }: AppendOptions,
): Promise<ErrorCode> {
  try {
    const batch = buildBatch(records, {
      ...transaction,
      attributes: attributesOf({ transactional: transaction !== undefined }),
    });
    const { lastOffset } = partition.append(batch, -1, Date.now(), 'coordinator');
    onAppended?.();
    return inCoordinatorWords(await partition.committed(lastOffset + 1, timeoutMs));
  } catch (error) {
    return inCoordinatorWords(errorCodeOf(error, logger));
  }
}

/** What a client of a coordinator can act on (GroupMetadataManager.storeGroup). */
function inCoordinatorWords(errorCode: ErrorCode): ErrorCode {
  switch (errorCode) {
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR;
    case ErrorCode.MESSAGE_TOO_LARGE:
      return ErrorCode.INVALID_COMMIT_OFFSET_SIZE;
    default:
      return errorCode;
  }
}

export interface LogVisitor {
  record(record: KafkaRecord, batch: Batch): void;
  /** A control batch: the end of a transaction. */
  marker(batch: Batch): void;
}

/**
 * Reads the log from its start to its end, a bounded piece at a time, with room for other work in between.
 *
 * @returns false when the partition is no longer led in that epoch, and what was read is of no use
 */
export async function readAll(
  partition: Partition,
  leaderEpoch: number,
  isControl: (batch: Batch) => boolean,
  visitor: LogVisitor,
): Promise<boolean> {
  const { log } = partition;
  let offset = log.logStartOffset;
  while (offset < log.logEndOffset) {
    if (!partition.isLeader || partition.leaderEpoch !== leaderEpoch) return false;
    const bytes = log.read(offset, { maxBytes: READ_BYTES, limitOffset: log.logEndOffset, atLeastOne: true });
    const batches = splitWholeBatches(bytes);
    if (batches.length === 0) break;
    for (const batch of batches) {
      if (isControl(batch)) visitor.marker(batch);
      else if (isReadable(batch)) for (const record of readRecords(batch)) visitor.record(record, batch);
    }
    offset = batches.at(-1)!.header.lastOffset + 1;
    await turn();
  }
  return partition.isLeader && partition.leaderEpoch === leaderEpoch;
}
