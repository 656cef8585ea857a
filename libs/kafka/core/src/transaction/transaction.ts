/**
 * One transactional id at its coordinator (TransactionCoordinator, TransactionMetadata). Every step is first decided
 * here, then made durable, then taken: `next` is what to write, and the host sets `current` when it is written.
 *
 *   Empty --partitions--> Ongoing --commit--> PrepareCommit --markers written--> CompleteCommit --partitions--> Ongoing
 *                         Ongoing --abort, timeout, new producer--> PrepareAbort --markers written--> CompleteAbort
 */
import { ErrorCode } from '@menagerie/kafka-protocol';

import type { TopicPartition } from '../znodes/small-nodes.js';

/** The numbers are those of the log. */
export const TxnState = {
  empty: 0,
  ongoing: 1,
  prepareCommit: 2,
  prepareAbort: 3,
  completeCommit: 4,
  completeAbort: 5,
  dead: 6,
} as const;
export type TxnState = (typeof TxnState)[keyof typeof TxnState];

export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  readonly state: TxnState;
  readonly partitions: readonly TopicPartition[];
  /** When its first partition was added; -1 while there is none. */
  readonly startMs: number;
  readonly updateMs: number;
}

/** Epochs are 16 bits; before they run out the producer gets another id. */
const LAST_EPOCH = 0x7fff - 1;

export type TxnStep = { readonly error: ErrorCode } | { readonly next: Transaction };

const refuse = (error: ErrorCode): TxnStep => ({ error });
const isComplete = ({ state }: Transaction) =>
  state === TxnState.empty || state === TxnState.completeCommit || state === TxnState.completeAbort;
const isPreparing = ({ state }: Transaction) => state === TxnState.prepareCommit || state === TxnState.prepareAbort;

/**
 * InitProducerId. Of a transaction under way the next step is its abort, in a new epoch, so that whoever runs it is
 * fenced at once; the caller then has to come again.
 *
 * @param newProducerId used for a new id, and when the epochs of the old one have run out
 */
export function initProducer(
  current: Transaction | null,
  transactionalId: string,
  timeoutMs: number,
  newProducerId: number,
  nowMs: number,
): TxnStep {
  if (current === null) {
    const next = { transactionalId, producerId: newProducerId, producerEpoch: 0, timeoutMs, state: TxnState.empty };
    return { next: { ...next, partitions: [], startMs: -1, updateMs: nowMs } };
  }
  if (isPreparing(current)) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS);
  if (!isComplete(current)) return { next: abortFenced(current, nowMs) };
  const exhausted = current.producerEpoch >= LAST_EPOCH;
  return {
    next: {
      ...current,
      producerId: exhausted ? newProducerId : current.producerId,
      producerEpoch: exhausted ? 0 : current.producerEpoch + 1,
      timeoutMs,
      state: TxnState.empty,
      partitions: [],
      startMs: -1,
      updateMs: nowMs,
    },
  };
}

/** The abort of a transaction whose producer must not go on: a newer one came, or it took too long. */
export function abortFenced(current: Transaction, nowMs: number): Transaction {
  return {
    ...current,
    producerEpoch: Math.min(current.producerEpoch + 1, LAST_EPOCH + 1),
    state: TxnState.prepareAbort,
    updateMs: nowMs,
  };
}

function faultOf(current: Transaction | null, producerId: number, producerEpoch: number): ErrorCode {
  if (current === null || current.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
  return current.producerEpoch === producerEpoch ? ErrorCode.NONE : ErrorCode.INVALID_PRODUCER_EPOCH;
}

/** AddPartitionsToTxn. With nothing new the answer is the current transaction itself. */
export function addPartitions(
  current: Transaction | null,
  producerId: number,
  producerEpoch: number,
  partitions: readonly TopicPartition[],
  nowMs: number,
): TxnStep {
  const fault = faultOf(current, producerId, producerEpoch);
  if (current === null || fault !== ErrorCode.NONE) return refuse(fault);
  if (isPreparing(current)) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS);
  const known = current.state === TxnState.ongoing ? current.partitions : [];
  const added = partitions.filter(
    (each) => !known.some(({ topic, partition }) => topic === each.topic && partition === each.partition),
  );
  if (added.length === 0 && current.state === TxnState.ongoing) return { next: current };
  const startMs = current.state === TxnState.ongoing ? current.startMs : nowMs;
  const state = TxnState.ongoing;
  return { next: { ...current, state, partitions: [...known, ...added], startMs, updateMs: nowMs } };
}

/** EndTxn. A repeat of what is done already answers with the current transaction itself. */
export function endTransaction(
  current: Transaction | null,
  producerId: number,
  producerEpoch: number,
  committed: boolean,
  nowMs: number,
): TxnStep {
  const fault = faultOf(current, producerId, producerEpoch);
  if (current === null || fault !== ErrorCode.NONE) return refuse(fault);
  const done = committed ? TxnState.completeCommit : TxnState.completeAbort;
  const preparing = committed ? TxnState.prepareCommit : TxnState.prepareAbort;
  if (current.state === TxnState.ongoing) return { next: { ...current, state: preparing, updateMs: nowMs } };
  if (current.state === done) return { next: current };
  if (current.state === preparing) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS);
  return refuse(ErrorCode.INVALID_TXN_STATE);
}

/** All markers are written. */
export function completeTransaction(current: Transaction, nowMs: number): Transaction {
  const state = current.state === TxnState.prepareCommit ? TxnState.completeCommit : TxnState.completeAbort;
  return { ...current, state, partitions: [], updateMs: nowMs };
}

export const isTimedOut = (current: Transaction, nowMs: number): boolean =>
  current.state === TxnState.ongoing && nowMs - current.startMs > current.timeoutMs;
