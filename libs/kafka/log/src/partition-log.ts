/**
 * The log of one partition: segments on disk, and what is known about the records in them.
 *
 * Nothing here waits: an append is in the kernel's hands when it returns, as in Kafka, where durability comes from
 * replicas and flushing is left to the kernel (decision 81). A log is used by one process only.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Batch, ErrorCode, KafkaAnswerError, splitBatches } from '@menagerie/kafka-protocol';

import { checkFromProducer, placeAll, type AppendOrigin } from './append.js';
import type { LogConfig } from './config.js';
import { StorageError } from './errors.js';
import { LEADER_EPOCH_CHECKPOINT, offsetInName, partitionName, type TopicPartition } from './file-names.js';
import { floorIndex } from './segment/offset-index.js';
import { Segment, type TimestampOffset } from './segment/segment.js';
import { type EpochEnd, LeaderEpochs } from './state/leader-epochs.js';
import { Producers } from './state/producers.js';
import { type AbortedTxn, TxnIndex } from './state/txn-index.js';

export interface AppendResult {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** The broker's time if the topic takes that, else -1. */
  readonly logAppendTimeMs: number;
  /** Nothing was written: the producer repeated what is there. */
  readonly duplicate: boolean;
}

export interface OpenOptions {
  readonly logStartOffset?: number;
  /** Before it all is on disk; from there on every batch is checked unless `clean`. */
  readonly recoveryPoint?: number;
  /** The last stop was orderly. */
  readonly clean?: boolean;
}

export interface ReadOptions {
  readonly maxBytes: number;
  /** Exclusive: the high watermark, the last stable offset or the end. */
  readonly limitOffset: number;
  readonly atLeastOne: boolean;
}

export class PartitionLog {
  readonly epochs: LeaderEpochs;
  readonly producers: Producers;
  /** In order of base offset. Invariant: never empty; the last is the active one. */
  private segments: Segment[] = [];
  private readonly txnIndexes = new Map<number, TxnIndex>();
  private startOffset: number;
  private endOffset = 0;
  /** Invariant: startOffset <= highWatermark <= endOffset. */
  private watermark = 0;
  private flushedTo: number;
  private isDeleted = false;

  private constructor(
    readonly dir: string,
    readonly topicPartition: TopicPartition,
    private settings: LogConfig,
    options: OpenOptions,
  ) {
    this.startOffset = options.logStartOffset ?? 0;
    this.flushedTo = options.recoveryPoint ?? 0;
    this.epochs = new LeaderEpochs(join(dir, LEADER_EPOCH_CHECKPOINT));
    this.producers = new Producers(dir);
  }

  /** Opens the log in a folder, which is made if it is missing; what a crash left torn is cut off. @throws StorageError */
  static open(dir: string, topicPartition: TopicPartition, config: LogConfig, options: OpenOptions = {}): PartitionLog {
    try {
      mkdirSync(dir, { recursive: true });
    } catch (error) {
      throw new StorageError(`make ${dir}`, error);
    }
    const log = new PartitionLog(dir, topicPartition, config, options);
    log.load(options.clean ?? false);
    return log;
  }

  get config(): LogConfig {
    return this.settings;
  }

  get logStartOffset(): number {
    return this.startOffset;
  }

  get logEndOffset(): number {
    return this.endOffset;
  }

  get highWatermark(): number {
    return this.watermark;
  }

  /** What a reader of committed records may see: below every open transaction. */
  get lastStableOffset(): number {
    const unstable = this.producers.firstUnstableOffset();
    return unstable === null ? this.watermark : Math.min(unstable, this.watermark);
  }

  get recoveryPoint(): number {
    return this.flushedTo;
  }

  get sizeBytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  get allSegments(): readonly Segment[] {
    return this.segments;
  }

  get deleted(): boolean {
    return this.isDeleted;
  }

  configure(config: LogConfig): void {
    this.settings = config;
  }

  /** Moves the high watermark, never out of the log. @returns whether it moved */
  setHighWatermark(offset: number): boolean {
    const next = Math.min(Math.max(offset, this.startOffset), this.endOffset);
    if (next === this.watermark) return false;
    this.watermark = next;
    this.producers.highWatermarkMoved(next);
    return true;
  }

  /**
   * Appends what a producer, or the broker itself, brought: offsets and epoch are filled in here. The buffer is changed.
   *
   * @throws CorruptBatchError, KafkaAnswerError for batches that must not be stored; StorageError. Nothing is appended then.
   */
  appendAsLeader(records: Buffer, leaderEpoch: number, nowMs: number, origin: AppendOrigin): AppendResult {
    const batches = splitBatches(records);
    const repeated = checkFromProducer(batches, this.settings, this.producers, origin);
    if (repeated !== null) {
      return { baseOffset: repeated.baseOffset, lastOffset: repeated.lastOffset, logAppendTimeMs: -1, duplicate: true };
    }
    const placed = placeAll(batches, this.endOffset, leaderEpoch, this.settings.logAppendTime ? nowMs : null);
    const baseOffset = this.endOffset;
    this.append(records, placed, nowMs);
    const logAppendTimeMs = this.settings.logAppendTime ? nowMs : -1;
    return { baseOffset, lastOffset: this.endOffset - 1, logAppendTimeMs, duplicate: false };
  }

  /** Appends what the leader sent, as it is. @throws CorruptBatchError, KafkaAnswerError, StorageError */
  appendAsFollower(records: Buffer, nowMs: number): void {
    const batches = splitBatches(records);
    if (batches.length === 0) return;
    const { baseOffset } = batches[0]!.header;
    if (baseOffset < this.endOffset) {
      const message = `expected batches from ${this.endOffset} on, got ${baseOffset}`;
      throw new KafkaAnswerError(ErrorCode.OFFSET_OUT_OF_RANGE, message);
    }
    this.append(records, batches, nowMs);
  }

  private append(bytes: Buffer, batches: readonly Batch[], nowMs: number): void {
    if (batches.length === 0) return;
    this.maybeRoll(bytes.length, batches, nowMs);
    this.active.append(
      bytes,
      batches.map((batch) => batch.header),
    );
    for (const batch of batches) this.note(batch);
    this.endOffset = batches.at(-1)!.header.lastOffset + 1;
  }

  private note(batch: Batch): void {
    const { header } = batch;
    if (header.leaderEpoch > this.epochs.latestEpoch) this.epochs.assign(header.leaderEpoch, header.baseOffset);
    const aborted = this.producers.note(batch);
    if (aborted !== null) this.txnIndex(this.segmentOf(header.baseOffset)).append(aborted);
  }

  /**
   * Whole batches from `offset` on; nothing (an empty buffer) when there are none below the limit.
   * The first batch may begin before `offset`: clients skip what they did not ask for.
   */
  read(offset: number, { maxBytes, limitOffset, atLeastOne }: ReadOptions): Buffer {
    assert(
      offset >= this.startOffset && offset <= this.endOffset,
      `${offset} in ${this.startOffset}..${this.endOffset}`,
    );
    if (offset >= limitOffset) return Buffer.alloc(0);
    for (let index = this.segmentIndex(offset); index < this.segments.length; index++) {
      const found = this.segments[index]!.read(offset, limitOffset, maxBytes, atLeastOne);
      if (found !== null) return found;
      // A compacted segment may hold nothing from `offset` on; a batch too large for maxBytes ends the search.
      if (this.segments[index]!.find(offset) !== null) break;
    }
    return Buffer.alloc(0);
  }

  /** Aborted transactions that overlap `[from, to)`. */
  abortedTransactions(from: number, to: number): readonly AbortedTxn[] {
    const found: AbortedTxn[] = [];
    for (let index = this.segmentIndex(from); index < this.segments.length; index++) {
      for (const aborted of this.txnIndex(this.segments[index]!).all) {
        if (aborted.lastOffset >= from && aborted.firstOffset < to) found.push(aborted);
      }
    }
    // The index is in the order of the markers; kafkajs leaves records out only if it is told in the order of beginnings.
    return found.sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** The first record as young as `timestamp` or younger, with the epoch it was written in. */
  offsetForTimestamp(timestamp: number): (TimestampOffset & { readonly leaderEpoch: number }) | null {
    for (const segment of this.segments) {
      const found = segment.findByTimestamp(timestamp, this.startOffset);
      if (found !== null) return found;
    }
    return null;
  }

  endOffsetForEpoch(epoch: number): EpochEnd {
    return this.epochs.endOffsetFor(epoch, this.endOffset);
  }

  /** Cuts off `offset` and all behind it: what a follower has that its leader has not. */
  truncateTo(offset: number): void {
    if (offset >= this.endOffset) return;
    if (offset < this.startOffset) return this.truncateFully(offset);
    while (this.segments.length > 1 && this.active.baseOffset > offset) this.segments.pop()!.delete();
    this.txnIndexes.clear();
    for (const segment of this.segments) this.txnIndex(segment).truncate(offset);
    this.active.truncateTo(offset);
    this.endOffset = this.lastOffsetOnDisk();
    this.flushedTo = Math.min(this.flushedTo, this.endOffset);
    this.epochs.truncateFromEnd(this.endOffset);
    this.producers.dropSnapshotsBehind(this.endOffset);
    this.rebuildProducers();
    this.setHighWatermark(Math.min(this.watermark, this.endOffset));
  }

  /** Forgets everything and starts at `offset`: what a follower does whose leader no longer has what it would need. */
  truncateFully(offset: number): void {
    for (const segment of this.segments) segment.delete();
    this.txnIndexes.clear();
    this.segments = [Segment.create(this.dir, offset, this.settings.indexIntervalBytes)];
    this.startOffset = this.endOffset = this.watermark = this.flushedTo = offset;
    this.epochs.clear();
    this.producers.dropSnapshotsBehind(-1);
    this.producers.clear(offset);
  }

  /** Forgets what lies before `offset`, which is at most the high watermark; its files go with the next retention. */
  advanceLogStart(offset: number): void {
    if (offset <= this.startOffset) return;
    assert(offset <= this.watermark, `log start ${offset} <= high watermark ${this.watermark}`);
    this.startOffset = offset;
    this.epochs.truncateFromStart(offset);
  }

  /** Removes segments that are too old, too many, or before the log's start. @returns how many */
  applyRetention(nowMs: number): number {
    const { retentionMs, retentionBytes } = this.settings;
    let excess = this.settings.delete && retentionBytes >= 0 ? this.sizeBytes - retentionBytes : 0;
    let removed = 0;
    while (this.segments.length > 0) {
      const [oldest, next] = this.segments;
      const end = next?.baseOffset ?? this.endOffset;
      if (end > this.watermark || oldest!.sizeBytes === 0) break;
      const tooOld = this.settings.delete && retentionMs >= 0 && nowMs - oldest!.maxTimestamp > retentionMs;
      const tooMany = this.settings.delete && excess >= oldest!.sizeBytes;
      if (!tooOld && !tooMany && end > this.startOffset) break;
      if (next === undefined) {
        if (!tooOld && end > this.startOffset) break;
        this.roll();
      }
      excess -= oldest!.sizeBytes;
      this.segments.shift();
      this.txnIndexes.delete(oldest!.baseOffset);
      oldest!.delete();
      removed++;
      if (end > this.startOffset) {
        this.startOffset = end;
        this.epochs.truncateFromStart(end);
      }
    }
    return removed;
  }

  /** Puts cleaned segments in the place of those they were made of (see the cleaner). */
  replaceSegment(old: Segment, cleaned: Segment | null): void {
    const index = this.segments.indexOf(old);
    assert(index >= 0 && index < this.segments.length - 1, `segment ${old.baseOffset} is there and not active`);
    this.segments.splice(index, 1, ...(cleaned === null ? [] : [cleaned]));
  }

  /** Makes everything so far durable. */
  async flush(): Promise<void> {
    const to = this.endOffset;
    for (const segment of this.segments.slice(this.segmentIndex(this.flushedTo))) await segment.flush();
    if (!this.isDeleted) this.flushedTo = Math.max(this.flushedTo, Math.min(to, this.endOffset));
  }

  /** Everything durable, producers and indexes written: the next open need not look. */
  close(): void {
    for (const segment of this.segments.slice(this.segmentIndex(this.flushedTo))) segment.flushSync();
    this.active.saveIndexes();
    this.producers.takeSnapshot(this.endOffset);
    this.flushedTo = this.endOffset;
    for (const segment of this.segments) segment.close();
  }

  /** Closes the files of a log whose folder is about to go. */
  markDeleted(): void {
    this.isDeleted = true;
    for (const segment of this.segments) segment.close();
  }

  private get active(): Segment {
    return this.segments[this.segments.length - 1]!;
  }

  private segmentIndex(offset: number): number {
    return Math.max(
      0,
      floorIndex(
        this.segments.map((segment) => segment.baseOffset),
        offset,
      ),
    );
  }

  private segmentOf(offset: number): Segment {
    return this.segments[this.segmentIndex(offset)]!;
  }

  private txnIndex(segment: Segment): TxnIndex {
    let index = this.txnIndexes.get(segment.baseOffset);
    if (index === undefined) {
      index = TxnIndex.open(this.dir, segment.baseOffset);
      this.txnIndexes.set(segment.baseOffset, index);
    }
    return index;
  }

  private maybeRoll(bytes: number, batches: readonly Batch[], nowMs: number): void {
    const active = this.active;
    if (active.sizeBytes === 0) return;
    const full = active.sizeBytes + bytes > this.settings.segmentBytes;
    const old = active.firstTimestamp >= 0 && nowMs - active.firstTimestamp > this.settings.segmentMs;
    // Index entries hold the distance to the base in 32 bits.
    const far = batches.at(-1)!.header.lastOffset - active.baseOffset > 0x7fff_ffff;
    if (full || old || far) this.roll();
  }

  /** Begins a new active segment; the one before is flushed in the background. */
  roll(): void {
    const before = this.active;
    before.saveIndexes();
    this.producers.takeSnapshot(this.endOffset);
    this.segments.push(Segment.create(this.dir, this.endOffset, this.settings.indexIntervalBytes));
    const to = this.endOffset;
    // A flush that fails leaves the recovery point where it is: the segment is then checked after a crash.
    void before.flush().then(
      () => {
        if (!this.isDeleted) this.flushedTo = Math.max(this.flushedTo, Math.min(to, this.endOffset));
      },
      () => undefined,
    );
  }

  private load(clean: boolean): void {
    const files = readdirSync(this.dir);
    for (const file of files) if (file.endsWith('.cleaned')) rmSync(join(this.dir, file), { force: true });
    const bases = files
      .map((file) => offsetInName(file, 'log'))
      .filter((offset) => offset !== null)
      .sort((a, b) => a - b);
    const { indexIntervalBytes } = this.settings;
    this.segments = bases.map((base) => Segment.open(this.dir, base, indexIntervalBytes));
    if (this.segments.length === 0) this.segments.push(Segment.create(this.dir, this.startOffset, indexIntervalBytes));
    this.startOffset = Math.max(this.startOffset, this.segments[0]!.baseOffset);
    if (!clean) this.recover();
    this.endOffset = this.lastOffsetOnDisk();
    this.startOffset = Math.min(this.startOffset, this.endOffset);
    this.watermark = this.startOffset;
    this.flushedTo = clean ? this.endOffset : Math.min(this.flushedTo, this.endOffset);
    this.epochs.truncateFromEnd(this.endOffset);
    this.producers.dropSnapshotsBehind(this.endOffset);
    this.rebuildProducers();
  }

  /** Reads every batch behind the recovery point; from the first that is torn or corrupt on, all is cut off. */
  private recover(): void {
    for (let index = this.segmentIndex(this.flushedTo); index < this.segments.length; index++) {
      const segment = this.segments[index]!;
      const before = segment.sizeBytes;
      let next = segment.baseOffset;
      segment.reindex((header, position) => {
        if (header.baseOffset < next) return false;
        next = header.lastOffset + 1;
        try {
          return splitBatches(segment.readAt(position, header.sizeBytes)).length === 1;
        } catch {
          return false;
        }
      });
      if (segment.sizeBytes === before) continue;
      // What comes behind a hole is not this log any more.
      for (const later of this.segments.splice(index + 1)) later.delete();
    }
  }

  /** Reads the log from the last snapshot of the producers on. */
  private rebuildProducers(): void {
    const from = this.producers.restore(this.endOffset, this.startOffset);
    for (let index = this.segmentIndex(from); index < this.segments.length; index++) {
      const segment = this.segments[index]!;
      const start = segment.find(from);
      if (start === null) continue;
      for (const { position, header } of segment.headers(start.position)) {
        this.note({ header, bytes: segment.readAt(position, header.sizeBytes) });
      }
    }
    this.producers.highWatermarkMoved(this.watermark);
  }

  private lastOffsetOnDisk(): number {
    for (const segment of [...this.segments].reverse()) {
      let end = segment.baseOffset;
      const start = segment.sizeBytes === 0 ? null : segment.find(segment.lastIndexedOffset);
      if (start !== null) for (const { header } of segment.headers(start.position)) end = header.lastOffset + 1;
      if (segment.sizeBytes > 0 || segment === this.segments[0]) return Math.max(end, this.active.baseOffset);
    }
    return this.active.baseOffset;
  }

  toString(): string {
    return `${partitionName(this.topicPartition)} [${this.startOffset}, ${this.endOffset})`;
  }
}
