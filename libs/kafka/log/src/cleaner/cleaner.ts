/**
 * Compaction: of each key only the last record is kept (LogCleaner).
 *
 * First the dirty part is read into a map of keys to last offsets, then every segment but the active one is written
 * anew without what the map says is outdated. Each takes its predecessor's place by one rename, so that a crash leaves
 * the old segment or the new one. Offsets never change.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import {
  type Batch,
  buildBatch,
  isControl,
  isReadable,
  isTransactional,
  type KafkaRecord,
  NO_PRODUCER_ID,
  readRecords,
  splitBatches,
  writeBatch,
} from '@menagerie/kafka-protocol';

import { StorageError } from '../errors.js';
import { cleanedFile, logFile, offsetIndexFile, timeIndexFile } from '../file-names.js';
import type { PartitionLog } from '../partition-log.js';
import { Segment } from '../segment/segment.js';

/** Keys held at once; what lies behind the one that did not fit is cleaned the next time. */
const MAX_KEYS = 500_000;

export interface CleaningResult {
  /** Up to here the log is clean. */
  readonly cleanedTo: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** Bytes behind `cleanedTo` over all bytes, of the part that can be cleaned. */
export function dirtyRatio(log: PartitionLog, cleanedTo: number): number {
  const cleanable = cleanableSegments(log);
  const total = cleanable.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  const dirty = cleanable.filter((segment) => segment.baseOffset >= cleanedTo);
  return total === 0 ? 0 : dirty.reduce((sum, segment) => sum + segment.sizeBytes, 0) / total;
}

/** Never the active segment, nor what is not yet below the last stable offset. */
function cleanableSegments(log: PartitionLog): readonly Segment[] {
  const { lastStableOffset, allSegments } = log;
  return allSegments.slice(0, -1).filter((_, index) => allSegments[index + 1]!.baseOffset <= lastStableOffset);
}

/** @param cleanedTo where the last cleaning ended. @throws StorageError; the log is then as it was, but for whole segments */
export function cleanLog(log: PartitionLog, cleanedTo: number, nowMs: number): CleaningResult {
  const segments = cleanableSegments(log);
  const bytesBefore = segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  const newest = new Map<string, number>();
  let end = cleanedTo;
  for (const segment of segments) {
    const next = log.allSegments[log.allSegments.indexOf(segment) + 1]!.baseOffset;
    if (next <= cleanedTo) continue;
    if (!noteKeys(log, segment, newest)) break;
    end = next;
  }
  let bytesAfter = 0;
  for (const segment of segments) {
    if (segment.baseOffset >= end) break;
    const dropTombstones = nowMs - statSync(segment.path).mtimeMs > log.config.deleteRetentionMs;
    bytesAfter += cleanSegment(log, segment, newest, dropTombstones);
  }
  return { cleanedTo: end, bytesBefore, bytesAfter };
}

function batchesOf(segment: Segment): Generator<Batch> {
  return (function* () {
    for (const { position, header } of segment.headers()) {
      yield* splitBatches(segment.readAt(position, header.sizeBytes));
    }
  })();
}

/** False when the map is full. */
function noteKeys(log: PartitionLog, segment: Segment, newest: Map<string, number>): boolean {
  for (const batch of batchesOf(segment)) {
    if (isControl(batch.header) || !isReadable(batch) || isAborted(log, batch)) continue;
    for (const { key, offset } of readRecords(batch)) {
      if (key !== null) newest.set(key.toString('latin1'), offset);
    }
    if (newest.size > MAX_KEYS) return false;
  }
  return true;
}

function isAborted(log: PartitionLog, { header }: Batch): boolean {
  return (
    isTransactional(header) &&
    log
      .abortedTransactions(header.baseOffset, header.lastOffset + 1)
      .some(({ producerId, firstOffset }) => producerId === header.producerId && firstOffset <= header.baseOffset)
  );
}

function cleanSegment(
  log: PartitionLog,
  segment: Segment,
  newest: ReadonlyMap<string, number>,
  dropTombstones: boolean,
): number {
  const outdated = ({ key, offset, value }: KafkaRecord) =>
    key === null || offset < (newest.get(key.toString('latin1')) ?? -1) || (value === null && dropTombstones);
  const kept: Buffer[] = [];
  let changed = false;
  for (const batch of batchesOf(segment)) {
    const cleaned = isControl(batch.header) || !isReadable(batch) ? batch.bytes : cleanBatch(log, batch, outdated);
    changed ||= cleaned !== batch.bytes;
    if (cleaned !== null) kept.push(cleaned);
  }
  const bytes = kept.reduce((sum, each) => sum + each.length, 0);
  if (changed) replace(log, segment, kept);
  return bytes;
}

/** The batch itself if all of it stays, null if nothing does. */
function cleanBatch(log: PartitionLog, batch: Batch, outdated: (record: KafkaRecord) => boolean): Buffer | null {
  const { header, bytes } = batch;
  const records = readRecords(batch);
  const kept = isAborted(log, batch) ? [] : records.filter((record) => !outdated(record));
  if (kept.length === records.length && records.length > 0) return bytes;
  const head = { ...header, attributes: header.attributes & ~0x07 };
  if (kept.length > 0) return buildBatch(kept, head);
  if (header.producerId === NO_PRODUCER_ID) return null;
  // The batch stays, empty: by it a producer's last sequence is known after a restart.
  return writeBatch(
    { ...head, lastOffsetDelta: header.lastOffset - header.baseOffset, recordCount: 0 },
    Buffer.alloc(0),
  );
}

function replace(log: PartitionLog, old: Segment, batches: readonly Buffer[]): void {
  const { dir } = log;
  const { baseOffset } = old;
  if (batches.length === 0) {
    log.replaceSegment(old, null);
    old.delete();
    return;
  }
  const aside = cleanedFile(dir, baseOffset);
  try {
    const fd = openSync(aside, 'w');
    try {
      for (const batch of batches) writeSync(fd, batch);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    // The indexes go first: a segment without them is indexed anew, one with its predecessor's would be misread.
    for (const path of [offsetIndexFile(dir, baseOffset), timeIndexFile(dir, baseOffset)])
      rmSync(path, { force: true });
    old.close();
    renameSync(aside, logFile(dir, baseOffset));
  } catch (error) {
    rmSync(aside, { force: true });
    throw new StorageError(`clean ${old.path}`, error);
  }
  const cleaned = Segment.open(dir, baseOffset, log.config.indexIntervalBytes);
  cleaned.saveIndexes();
  log.replaceSegment(old, cleaned);
}
