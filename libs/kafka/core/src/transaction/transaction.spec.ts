import { ErrorCode } from '@menagerie/kafka-protocol';
import { describe, expect, it } from 'vitest';

import { readTransactionRecord, transactionRecord } from './transaction-records.js';
import {
  abortFenced,
  addPartitions,
  completeTransaction,
  endTransaction,
  initProducer,
  isTimedOut,
  type Transaction,
  type TxnStep,
  TxnState,
} from './transaction.js';

const p0 = { topic: 't', partition: 0 };

function next(step: TxnStep): Transaction {
  if ('error' in step) throw new Error(`refused with ${step.error}`);
  return step.next;
}

const fresh = () => next(initProducer(null, 'tx', 1000, 50, 0));
const ongoing = () => next(addPartitions(fresh(), 50, 0, [p0], 10));

describe('a transaction', () => {
  it('begins with its first partition, is decided, and is over when the markers are written', () => {
    const begun = ongoing();
    expect(begun).toMatchObject({ state: TxnState.ongoing, partitions: [p0], startMs: 10 });
    expect(next(addPartitions(begun, 50, 0, [p0], 20))).toBe(begun);
    const decided = next(endTransaction(begun, 50, 0, true, 30));
    expect(decided.state).toBe(TxnState.prepareCommit);
    expect(endTransaction(decided, 50, 0, true, 30)).toEqual({ error: ErrorCode.CONCURRENT_TRANSACTIONS });
    expect(endTransaction(decided, 50, 0, false, 30)).toEqual({ error: ErrorCode.INVALID_TXN_STATE });
    const over = completeTransaction(decided, 40);
    expect(over).toMatchObject({ state: TxnState.completeCommit, partitions: [] });
    // The answer was lost and the client asks again.
    expect(next(endTransaction(over, 50, 0, true, 50))).toBe(over);
    expect(next(addPartitions(over, 50, 0, [p0], 60)).startMs).toBe(60);
  });

  it('a newer producer fences the one before, whose transaction is aborted first', () => {
    const fenced = next(initProducer(ongoing(), 'tx', 1000, 51, 20));
    expect(fenced).toMatchObject({ state: TxnState.prepareAbort, producerId: 50, producerEpoch: 1 });
    expect(endTransaction(fenced, 50, 0, true, 30)).toEqual({ error: ErrorCode.INVALID_PRODUCER_EPOCH });
    expect(initProducer(fenced, 'tx', 1000, 51, 30)).toEqual({ error: ErrorCode.CONCURRENT_TRANSACTIONS });
    const again = next(initProducer(completeTransaction(fenced, 40), 'tx', 1000, 51, 50));
    expect(again).toMatchObject({ state: TxnState.empty, producerId: 50, producerEpoch: 2 });
  });

  it('an id whose epochs have run out goes on under another', () => {
    const last = { ...fresh(), producerEpoch: 0x7ffe };
    expect(next(initProducer(last, 'tx', 1000, 99, 0))).toMatchObject({ producerId: 99, producerEpoch: 0 });
  });

  it('takes too long and is aborted in a newer epoch', () => {
    expect(isTimedOut(ongoing(), 1010)).toBe(false);
    expect(isTimedOut(ongoing(), 1011)).toBe(true);
    expect(abortFenced(ongoing(), 1011)).toMatchObject({ state: TxnState.prepareAbort, producerEpoch: 1 });
  });

  it('strangers are refused', () => {
    expect(addPartitions(null, 50, 0, [p0], 0)).toEqual({ error: ErrorCode.INVALID_PRODUCER_ID_MAPPING });
    expect(addPartitions(fresh(), 49, 0, [p0], 0)).toEqual({ error: ErrorCode.INVALID_PRODUCER_ID_MAPPING });
    expect(endTransaction(fresh(), 50, 0, true, 0)).toEqual({ error: ErrorCode.INVALID_TXN_STATE });
  });

  it('comes back from the log as it went in', () => {
    for (const txn of [fresh(), ongoing(), abortFenced(ongoing(), 20)]) {
      const record = transactionRecord(txn, 100);
      expect(readTransactionRecord(record)).toEqual({ transactionalId: 'tx', transaction: txn });
    }
  });
});
