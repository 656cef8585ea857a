/** The records of `__transaction_state` (TransactionLog), of version 0. A null value forgets the id. */
import { type KafkaRecord, type NewRecord, Reader, Writer } from '@menagerie/kafka-protocol';

import { type Transaction, TxnState } from './transaction.js';

const VERSION = 0;

export function transactionRecord(txn: Transaction, nowMs: number): NewRecord {
  const key = new Writer(64);
  key.int16(VERSION);
  key.int16(Buffer.byteLength(txn.transactionalId));
  key.text(txn.transactionalId);
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of txn.partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  const value = new Writer();
  value.int16(VERSION);
  value.int64(txn.producerId);
  value.int16(txn.producerEpoch);
  value.int32(txn.timeoutMs);
  value.int8(txn.state);
  value.int32(txn.state === TxnState.empty ? -1 : topics.size);
  if (txn.state !== TxnState.empty) {
    for (const [topic, partitions] of topics) {
      value.int16(Buffer.byteLength(topic));
      value.text(topic);
      value.int32(partitions.length);
      for (const partition of partitions) value.int32(partition);
    }
  }
  value.int64(txn.updateMs);
  value.int64(txn.startMs);
  return { key: key.toBuffer(), value: value.toBuffer(), timestamp: nowMs };
}

export interface TransactionRecord {
  readonly transactionalId: string;
  readonly transaction: Transaction | null;
}

/** Null for a record of a kind we do not know. @throws KafkaDecodeError */
export function readTransactionRecord({ key, value }: Pick<KafkaRecord, 'key' | 'value'>): TransactionRecord | null {
  if (key === null) return null;
  const keyReader = new Reader(key);
  if (keyReader.int16() !== VERSION) return null;
  const transactionalId = keyReader.text(keyReader.int16());
  if (value === null) return { transactionalId, transaction: null };
  const reader = new Reader(value);
  reader.int16();
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  const timeoutMs = reader.int32();
  const state = reader.int8() as TxnState;
  const partitions: { topic: string; partition: number }[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.text(reader.int16());
    for (let left = reader.int32(); left > 0; left--) partitions.push({ topic, partition: reader.int32() });
  }
  const updateMs = reader.int64();
  const startMs = reader.int64();
  const transaction = { transactionalId, producerId, producerEpoch, timeoutMs, state, partitions, startMs, updateMs };
  return { transactionalId, transaction };
}
