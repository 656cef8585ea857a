/** What a partition remembers of one idempotent producer: enough to refuse a gap and to recognise a repeat (KIP-98). */
import {
  addSequence,
  type BatchHeader,
  ErrorCode,
  KafkaAnswerError,
  lastSequenceOf,
  NO_SEQUENCE,
} from '@menagerie/kafka-protocol';

/** A producer may have five requests in flight, so that a repeat is of one of the last five batches. */
export const REMEMBERED_BATCHES = 5;

export interface RememberedBatch {
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly timestamp: number;
}

export interface ProducerEntry {
  readonly producerId: number;
  epoch: number;
  /** Oldest first. Invariant: at most `REMEMBERED_BATCHES`. */
  batches: RememberedBatch[];
  coordinatorEpoch: number;
  /** Of the transaction under way; null without one. */
  txnFirstOffset: number | null;
  /** The broker's time of its last batch. */
  lastTimestamp: number;
}

export const newEntry = (producerId: number, epoch: number): ProducerEntry => ({
  producerId,
  epoch,
  batches: [],
  coordinatorEpoch: -1,
  txnFirstOffset: null,
  lastTimestamp: -1,
});

/**
 * Whether the batch may be appended. A repeat answers with the batch it repeats.
 *
 * @throws KafkaAnswerError `INVALID_PRODUCER_EPOCH`, `OUT_OF_ORDER_SEQUENCE_NUMBER`
 */
export function checkSequence(entry: ProducerEntry | undefined, header: BatchHeader): RememberedBatch | null {
  // Of a producer that we know nothing of, any more, whatever comes is the first (KIP-360).
  if (entry === undefined) return null;
  const { producerEpoch, baseSequence } = header;
  if (producerEpoch < entry.epoch) {
    const message = `expected epoch ${entry.epoch} of producer ${entry.producerId}, got ${producerEpoch}`;
    throw new KafkaAnswerError(ErrorCode.INVALID_PRODUCER_EPOCH, message);
  }
  // The group coordinator appends offsets in a producer's name, without numbers (ProducerAppendInfo checks clients only).
  if (baseSequence === NO_SEQUENCE) return null;
  if (producerEpoch > entry.epoch) {
    if (baseSequence === 0) return null;
    throw outOfOrder(entry, baseSequence, 0);
  }
  const lastSequence = lastSequenceOf(header);
  const repeated = entry.batches.find(
    (each) => each.baseSequence === baseSequence && each.lastSequence === lastSequence,
  );
  if (repeated !== undefined) return repeated;
  const last = entry.batches.at(-1);
  // After a marker nothing is remembered of the sequences before it, and any may follow.
  if (last === undefined) return null;
  const expected = addSequence(last.lastSequence, 1);
  if (baseSequence !== expected) throw outOfOrder(entry, baseSequence, expected);
  return null;
}

/** Takes an appended batch into account. */
export function noteBatch(entry: ProducerEntry, header: BatchHeader, transactional: boolean): void {
  if (header.producerEpoch !== entry.epoch) {
    entry.epoch = header.producerEpoch;
    entry.batches = [];
  }
  if (header.baseSequence !== NO_SEQUENCE) {
    entry.batches.push({
      baseSequence: header.baseSequence,
      lastSequence: lastSequenceOf(header),
      baseOffset: header.baseOffset,
      lastOffset: header.lastOffset,
      timestamp: header.maxTimestamp,
    });
    if (entry.batches.length > REMEMBERED_BATCHES) entry.batches.shift();
  }
  entry.lastTimestamp = header.maxTimestamp;
  if (transactional) entry.txnFirstOffset ??= header.baseOffset;
}

const outOfOrder = (entry: ProducerEntry, got: number, expected: number) =>
  new KafkaAnswerError(
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    `expected sequence ${expected} of producer ${entry.producerId}, got ${got}`,
  );
