/** All idempotent and transactional producers of a partition, and with them which offsets are stable (KIP-98). */
import { readdirSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import {
  type Batch,
  ErrorCode,
  isControl,
  isTransactional,
  KafkaAnswerError,
  NO_PRODUCER_ID,
  readTxnMarker,
} from '@menagerie/kafka-protocol';

import { offsetInName, producerSnapshotFile } from '../file-names.js';
import { checkSequence, newEntry, noteBatch, type ProducerEntry, type RememberedBatch } from './producer-entry.js';
import { readProducerSnapshot, writeProducerSnapshot } from './producer-snapshot.js';
import type { AbortedTxn } from './txn-index.js';

/** Older snapshots are of no use: recovery starts at the last. Kafka keeps two. */
const KEPT_SNAPSHOTS = 2;

interface EndedTxn {
  readonly firstOffset: number;
  /** Of the marker. */
  readonly lastOffset: number;
}

export class Producers {
  private readonly entries = new Map<number, ProducerEntry>();
  /** Ended, but the marker is not yet below the high watermark: still unstable. */
  private ended: EndedTxn[] = [];
  /** Everything before it is in `entries`. */
  private mapEndOffset = 0;

  constructor(private readonly dir: string) {}

  get count(): number {
    return this.entries.size;
  }

  get endOffset(): number {
    return this.mapEndOffset;
  }

  /** The first offset of a transaction whose end a consumer must not have seen yet; null when all is stable. */
  firstUnstableOffset(): number | null {
    let first: number | null = null;
    for (const { txnFirstOffset } of this.entries.values()) {
      if (txnFirstOffset !== null && (first === null || txnFirstOffset < first)) first = txnFirstOffset;
    }
    for (const { firstOffset } of this.ended) if (first === null || firstOffset < first) first = firstOffset;
    return first;
  }

  highWatermarkMoved(highWatermark: number): void {
    if (this.ended.length > 0) this.ended = this.ended.filter(({ lastOffset }) => lastOffset >= highWatermark);
  }

  /** @throws KafkaAnswerError; a repeat answers with the batch that it repeats */
  check({ header }: Batch): RememberedBatch | null {
    if (header.producerId === NO_PRODUCER_ID || isControl(header)) return null;
    return checkSequence(this.entries.get(header.producerId), header);
  }

  /** Refuses the marker of a coordinator that was deposed, or of an epoch that is over. */
  checkMarker(producerId: number, producerEpoch: number, coordinatorEpoch: number): void {
    const entry = this.entries.get(producerId);
    if (entry === undefined) return;
    if (producerEpoch < entry.epoch) throw new KafkaAnswerError(ErrorCode.INVALID_PRODUCER_EPOCH);
    if (coordinatorEpoch < entry.coordinatorEpoch) {
      throw new KafkaAnswerError(ErrorCode.TRANSACTION_COORDINATOR_FENCED);
    }
  }

  /** Whether the producer has a transaction under way here. */
  hasTransaction(producerId: number): boolean {
    return (this.entries.get(producerId)?.txnFirstOffset ?? null) !== null;
  }

  /** Takes an appended batch into account. @returns the transaction that it aborts, if it is a marker that does */
  note(batch: Batch): AbortedTxn | null {
    const { header } = batch;
    this.mapEndOffset = header.lastOffset + 1;
    if (header.producerId === NO_PRODUCER_ID) return null;
    let entry = this.entries.get(header.producerId);
    if (entry === undefined) {
      entry = newEntry(header.producerId, header.producerEpoch);
      this.entries.set(header.producerId, entry);
    }
    if (!isControl(header)) {
      noteBatch(entry, header, isTransactional(header));
      return null;
    }
    const marker = readTxnMarker(batch);
    if (marker === null) return null;
    if (header.producerEpoch > entry.epoch) {
      entry.epoch = header.producerEpoch;
      entry.batches = [];
    }
    entry.coordinatorEpoch = marker.coordinatorEpoch;
    entry.lastTimestamp = header.maxTimestamp;
    const firstOffset = entry.txnFirstOffset;
    entry.txnFirstOffset = null;
    if (firstOffset === null) return null;
    this.ended.push({ firstOffset, lastOffset: header.lastOffset });
    if (marker.committed) return null;
    const { producerId, lastOffset } = header;
    return { producerId, firstOffset, lastOffset, lastStableOffset: this.firstUnstableOffset() ?? lastOffset + 1 };
  }

  /** Forgets who has been silent since `before`, unless they have a transaction under way. */
  expire(before: number): void {
    for (const [id, entry] of this.entries) {
      if (entry.txnFirstOffset === null && entry.lastTimestamp < before) this.entries.delete(id);
    }
  }

  takeSnapshot(offset: number): void {
    writeProducerSnapshot(producerSnapshotFile(this.dir, offset), [...this.entries.values()]);
    for (const old of this.snapshotOffsets().slice(0, -KEPT_SNAPSHOTS)) {
      rmSync(producerSnapshotFile(this.dir, old), { force: true });
    }
  }

  /** Starts again from the last whole snapshot at or before `offset`. @returns from where the log must be read */
  restore(offset: number, logStartOffset: number): number {
    this.clear(logStartOffset);
    for (const at of [...this.snapshotOffsets()].reverse()) {
      if (at > offset || at < logStartOffset) continue;
      const entries = readProducerSnapshot(producerSnapshotFile(this.dir, at));
      if (entries === null) continue;
      for (const entry of entries) this.entries.set(entry.producerId, entry);
      return (this.mapEndOffset = at);
    }
    return logStartOffset;
  }

  clear(offset: number): void {
    this.entries.clear();
    this.ended = [];
    this.mapEndOffset = offset;
  }

  /** Removes snapshots behind `offset`: that log is gone. */
  dropSnapshotsBehind(offset: number): void {
    for (const at of this.snapshotOffsets()) {
      if (at > offset) rmSync(producerSnapshotFile(this.dir, at), { force: true });
    }
  }

  private snapshotOffsets(): readonly number[] {
    return readdirSync(this.dir)
      .map((file) => offsetInName(basename(file), 'snapshot'))
      .filter((offset) => offset !== null)
      .sort((a, b) => a - b);
  }
}
