/** The transaction coordinator of this broker: one step of a transactional id at a time, each durable before it counts. */
import {
  abortFenced,
  addPartitions,
  completeTransaction,
  endTransaction,
  initProducer,
  isTimedOut,
  partitionForKey,
  readTransactionRecord,
  type TopicPartition,
  type Transaction,
  transactionRecord,
  TXN_TOPIC,
  type TxnStep,
  TxnState,
} from '@menagerie/kafka-core';
import { ErrorCode } from '@menagerie/kafka-protocol';
import type { Logger } from '@menagerie/service';

import type { BrokerConfig } from '../config/broker-config.js';
import { appendCommitted, readAll } from '../group/coordinator-log.js';
import type { MetadataCache } from '../metadata/metadata-cache.js';
import type { Partition } from '../replica/partition.js';
import type { MarkerSender } from './marker-sender.js';
import type { ProducerIds } from './producer-ids.js';

const TICK_MS = 1_000;
const APPEND_MS = 5_000;
/** Transactional ids one partition may hold. */
const MAX_IDS = 100_000;

interface TxnEntry {
  current: Transaction | null;
  /** A step is being written: the next has to wait. */
  busy: boolean;
}

interface Shard {
  readonly partition: Partition;
  readonly leaderEpoch: number;
  readonly entries: Map<string, TxnEntry>;
  readonly gone: AbortController;
  loaded: boolean;
}

export interface InitAnswer {
  readonly errorCode: ErrorCode;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export class TransactionCoordinator {
  private readonly shards = new Map<number, Shard>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly config: BrokerConfig,
    private readonly cache: MetadataCache,
    private readonly producerIds: ProducerIds,
    private readonly markers: MarkerSender,
    private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => this.tick(Date.now()), TICK_MS);
  }

  partitionOf(transactionalId: string): number {
    const known = this.cache.partitions(TXN_TOPIC)?.size;
    return partitionForKey(transactionalId, known ?? this.config.settings['transaction.state.log.num.partitions']);
  }

  roleChanged(partition: Partition, leads: boolean): void {
    const number = partition.topicPartition.partition;
    this.shards.get(number)?.gone.abort();
    this.shards.delete(number);
    if (!leads) return;
    const { leaderEpoch } = partition;
    const shard = { partition, leaderEpoch, entries: new Map(), gone: new AbortController(), loaded: false };
    this.shards.set(number, shard);
    this.load(shard).catch((error: unknown) => {
      this.logger.error({ err: error, number }, 'the transactions can not be loaded');
    });
  }

  private async load(shard: Shard): Promise<void> {
    const ok = await readAll(shard.partition, shard.leaderEpoch, () => false, {
      record: (record) => {
        const read = readTransactionRecord(record);
        if (read === null) return;
        if (read.transaction === null) shard.entries.delete(read.transactionalId);
        else shard.entries.set(read.transactionalId, { current: read.transaction, busy: false });
      },
      marker: () => undefined,
    });
    if (!ok) return;
    shard.loaded = true;
    // What a coordinator before us had decided, but may not have carried into all partitions.
    for (const entry of shard.entries.values()) {
      const state = entry.current?.state;
      if (state === TxnState.prepareCommit || state === TxnState.prepareAbort) void this.finish(shard, entry);
    }
  }

  private find(transactionalId: string): { readonly shard: Shard | null; readonly errorCode: ErrorCode } {
    if (transactionalId === '') return { shard: null, errorCode: ErrorCode.INVALID_REQUEST };
    const shard = this.shards.get(this.partitionOf(transactionalId));
    if (shard === undefined) return { shard: null, errorCode: ErrorCode.NOT_COORDINATOR };
    return shard.loaded
      ? { shard, errorCode: ErrorCode.NONE }
      : { shard: null, errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS };
  }

  async initProducer(transactionalId: string | null, timeoutMs: number): Promise<InitAnswer> {
    const refused = (errorCode: ErrorCode) => ({ errorCode, producerId: -1, producerEpoch: -1 });
    if (transactionalId === null) {
      return { errorCode: ErrorCode.NONE, producerId: await this.producerIds.take(), producerEpoch: 0 };
    }
    if (timeoutMs <= 0 || timeoutMs > this.config.settings['transaction.max.timeout.ms']) {
      return refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
    }
    const { shard, errorCode } = this.find(transactionalId);
    if (shard === null) return refused(errorCode);
    const newId = await this.producerIds.take();
    let entry = shard.entries.get(transactionalId);
    if (entry === undefined) {
      if (shard.entries.size >= MAX_IDS) return refused(ErrorCode.COORDINATOR_NOT_AVAILABLE);
      shard.entries.set(transactionalId, (entry = { current: null, busy: false }));
    }
    const { current } = entry;
    const step = entry.busy
      ? { error: ErrorCode.CONCURRENT_TRANSACTIONS }
      : initProducer(current, transactionalId, timeoutMs, newId, Date.now());
    const outcome = await this.take(shard, entry, step);
    if (outcome !== ErrorCode.NONE) return refused(outcome);
    const taken = entry.current!;
    if (taken.state === TxnState.prepareAbort) {
      // The transaction before is being aborted; when it is, the producer may come again.
      void this.finish(shard, entry);
      return refused(ErrorCode.CONCURRENT_TRANSACTIONS);
    }
    return { errorCode: ErrorCode.NONE, producerId: taken.producerId, producerEpoch: taken.producerEpoch };
  }

  async addPartitions(
    transactionalId: string,
    producerId: number,
    producerEpoch: number,
    partitions: readonly TopicPartition[],
  ): Promise<ErrorCode> {
    const { shard, errorCode } = this.find(transactionalId);
    if (shard === null) return errorCode;
    const entry = shard.entries.get(transactionalId) ?? { current: null, busy: false };
    if (entry.busy) return ErrorCode.CONCURRENT_TRANSACTIONS;
    return this.take(shard, entry, addPartitions(entry.current, producerId, producerEpoch, partitions, Date.now()));
  }

  async end(
    transactionalId: string,
    producerId: number,
    producerEpoch: number,
    committed: boolean,
  ): Promise<ErrorCode> {
    const { shard, errorCode } = this.find(transactionalId);
    if (shard === null) return errorCode;
    const entry = shard.entries.get(transactionalId) ?? { current: null, busy: false };
    if (entry.busy) return ErrorCode.CONCURRENT_TRANSACTIONS;
    const step = endTransaction(entry.current, producerId, producerEpoch, committed, Date.now());
    const outcome = await this.take(shard, entry, step);
    // Decided and durable: whatever happens from now on, it ends that way. The client need not wait for the markers.
    if (outcome === ErrorCode.NONE) void this.finish(shard, entry);
    return outcome;
  }

  /** Makes a step durable and then takes it. */
  private async take(shard: Shard, entry: TxnEntry, step: TxnStep): Promise<ErrorCode> {
    if ('error' in step) return step.error;
    if (step.next === entry.current) return ErrorCode.NONE;
    entry.busy = true;
    try {
      const record = transactionRecord(step.next, Date.now());
      const options = { timeoutMs: APPEND_MS, logger: this.logger };
      const errorCode = await appendCommitted(shard.partition, [record], options);
      if (errorCode !== ErrorCode.NONE) return errorCode;
      if (shard.gone.signal.aborted) return ErrorCode.NOT_COORDINATOR;
      entry.current = step.next;
      return ErrorCode.NONE;
    } finally {
      entry.busy = false;
    }
  }

  /** Writes the markers of a decided transaction, then notes that it is over. */
  private async finish(shard: Shard, entry: TxnEntry): Promise<void> {
    const txn = entry.current;
    if (txn === null || (txn.state !== TxnState.prepareCommit && txn.state !== TxnState.prepareAbort)) return;
    const committed = txn.state === TxnState.prepareCommit;
    const done = await this.markers.send(txn, committed, shard.leaderEpoch, shard.gone.signal);
    if (!done || entry.current !== txn) return;
    const errorCode = await this.take(shard, entry, { next: completeTransaction(txn, Date.now()) });
    if (errorCode !== ErrorCode.NONE) {
      this.logger.warn(
        { transactionalId: txn.transactionalId, errorCode },
        'the end of a transaction is not noted yet',
      );
      setTimeout(() => void this.finish(shard, entry), TICK_MS).unref();
    }
  }

  private tick(nowMs: number): void {
    for (const shard of this.shards.values()) {
      for (const entry of shard.entries.values()) {
        const { current } = entry;
        if (current === null || entry.busy || !isTimedOut(current, nowMs)) continue;
        this.logger.info({ transactionalId: current.transactionalId }, 'a transaction took too long and is aborted');
        void this.take(shard, entry, { next: abortFenced(current, nowMs) }).then((errorCode) => {
          if (errorCode === ErrorCode.NONE) return this.finish(shard, entry);
          return undefined;
        });
      }
    }
  }

  close(): void {
    clearInterval(this.timer);
    for (const shard of this.shards.values()) shard.gone.abort();
    this.shards.clear();
    this.markers.close();
  }
}
