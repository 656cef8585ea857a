/** One file of a log with its indexes: batches from a base offset on, appended at the end, found by offset or by time. */
import { strict as assert } from 'node:assert';
import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  isReadable,
  readBatchHeader,
  readRecords,
  splitWholeBatches,
} from '@menagerie/kafka-protocol';

import { StorageError } from '../errors.js';
import { logFile, offsetIndexFile, timeIndexFile, txnIndexFile } from '../file-names.js';
import { OffsetIndex } from './offset-index.js';
import { TimeIndex } from './time-index.js';

const fsyncAsync = promisify(fsync);
/** Read at once when looking for a batch: more than an index interval. */
const SCAN_BYTES = 16 * 1024;

export interface TimestampOffset {
  readonly timestamp: number;
  readonly offset: number;
}

export class Segment {
  private fd: number | null = null;
  private bytes: number;
  private bytesSinceIndex = 0;
  /** When the first record came, by its own clock; what `segment.ms` is counted from. */
  firstTimestamp = -1;
  /** Of any record; -1 while empty. */
  maxTimestamp = -1;
  /** Of the batch that has it. */
  private maxTimestampOffset: number;

  private constructor(
    readonly dir: string,
    readonly baseOffset: number,
    private readonly indexIntervalBytes: number,
    private offsetIndex: OffsetIndex,
    private timeIndex: TimeIndex,
    bytes: number,
  ) {
    this.bytes = bytes;
    this.maxTimestampOffset = baseOffset;
  }

  /** Makes an empty one. A file in its place is overwritten. */
  static create(dir: string, baseOffset: number, indexIntervalBytes: number): Segment {
    const segment = new Segment(
      dir,
      baseOffset,
      indexIntervalBytes,
      new OffsetIndex(baseOffset),
      new TimeIndex(baseOffset),
      0,
    );
    segment.storage('create', () => closeSync(openSync(segment.path, 'w')));
    return segment;
  }

  /** One that is there. Its indexes are believed if they can be true; otherwise they are made anew from the file. */
  static open(dir: string, baseOffset: number, indexIntervalBytes: number): Segment {
    const segment = new Segment(
      dir,
      baseOffset,
      indexIntervalBytes,
      new OffsetIndex(baseOffset),
      new TimeIndex(baseOffset),
      0,
    );
    segment.bytes = segment.storage('open', () => fstatSync(segment.file()).size);
    const offsetIndex = OffsetIndex.load(offsetIndexFile(dir, baseOffset), baseOffset, segment.bytes);
    const timeIndex = TimeIndex.load(timeIndexFile(dir, baseOffset), baseOffset);
    if (offsetIndex === null || timeIndex === null) {
      segment.reindex();
      return segment;
    }
    segment.offsetIndex = offsetIndex;
    segment.timeIndex = timeIndex;
    segment.maxTimestamp = timeIndex.lastTimestamp;
    segment.maxTimestampOffset = timeIndex.lastOffset;
    segment.firstTimestamp = segment.bytes === 0 ? -1 : segment.headerAt(0).maxTimestamp;
    return segment;
  }

  get path(): string {
    return logFile(this.dir, this.baseOffset);
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  /** The last offset that the index knows: from there the end is not far. */
  get lastIndexedOffset(): number {
    return this.offsetIndex.lastOffset;
  }

  /** @param batches whole ones, placed, described by `headers` in the same order. @throws StorageError, with nothing appended */
  append(batches: Buffer, headers: readonly BatchHeader[]): void {
    const from = this.bytes;
    try {
      const fd = this.file();
      for (let done = 0; done < batches.length;) {
        done += writeSync(fd, batches, done, batches.length - done, from + done);
      }
    } catch (error) {
      // What was written of it must not be found by whoever reads the file after us.
      try {
        ftruncateSync(this.file(), from);
      } catch {
        // The disk refuses this too: recovery will find a torn tail, and cut it off.
      }
      throw new StorageError(`append to ${this.path}`, error);
    }
    for (const header of headers) this.note(header);
  }

  /** Takes a batch that stands at the end of what is known into account. */
  private note(header: BatchHeader): void {
    if (this.bytes === 0) this.firstTimestamp = header.maxTimestamp;
    if (header.maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = header.maxTimestamp;
      this.maxTimestampOffset = header.lastOffset;
    }
    if (this.bytesSinceIndex > this.indexIntervalBytes) {
      this.offsetIndex.append(header.lastOffset, this.bytes);
      this.timeIndex.maybeAppend(this.maxTimestamp, this.maxTimestampOffset);
      this.bytesSinceIndex = 0;
    }
    this.bytes += header.sizeBytes;
    this.bytesSinceIndex += header.sizeBytes;
  }

  /**
   * Whole batches, from the one that holds `offset` on, of at most `maxBytes`; none of them starts at `limitOffset` or
   * behind it. Null when there is none here.
   *
   * @param atLeastOne the first batch is given even if it is larger than `maxBytes` (KIP-74)
   */
  read(offset: number, limitOffset: number, maxBytes: number, atLeastOne: boolean): Buffer | null {
    const place = this.find(offset);
    if (place === null || place.header.baseOffset >= limitOffset) return null;
    const { position, header } = place;
    if (header.sizeBytes > maxBytes) return atLeastOne ? this.readAt(position, header.sizeBytes) : null;
    const chunk = this.readAt(position, Math.min(maxBytes, this.bytes - position));
    let end = 0;
    while (chunk.length - end >= BATCH_HEADER_BYTES) {
      const next = readBatchHeader(chunk, end);
      if (next.baseOffset >= limitOffset || end + next.sizeBytes > chunk.length) break;
      end += next.sizeBytes;
    }
    return chunk.subarray(0, end);
  }

  /** The first batch whose last offset is at or behind `offset`. */
  find(offset: number): { readonly position: number; readonly header: BatchHeader } | null {
    let position = this.offsetIndex.lookup(offset);
    while (position < this.bytes) {
      const chunk = this.readAt(position, Math.min(SCAN_BYTES, this.bytes - position));
      let at = 0;
      while (chunk.length - at >= BATCH_HEADER_BYTES) {
        const header = readBatchHeader(chunk, at);
        if (header.lastOffset >= offset) return { position: position + at, header };
        at += header.sizeBytes;
      }
      assert(at > 0, `a batch of less than a header at ${position} of ${this.path}`);
      position += at;
    }
    return null;
  }

  /** Headers of all batches from a position on, in order, without their records. */
  *headers(from = 0): Generator<{ readonly position: number; readonly header: BatchHeader }> {
    for (let position = from; this.bytes - position >= BATCH_HEADER_BYTES;) {
      const chunk = this.readAt(position, Math.min(SCAN_BYTES, this.bytes - position));
      let at = 0;
      while (chunk.length - at >= BATCH_HEADER_BYTES) {
        const header = readBatchHeader(chunk, at);
        yield { position: position + at, header };
        at += header.sizeBytes;
      }
      position += at;
    }
  }

  /** The first record as young as `timestamp` or younger. Inside a batch we cannot read it is the batch's first. */
  findByTimestamp(timestamp: number, fromOffset: number): (TimestampOffset & { readonly leaderEpoch: number }) | null {
    if (this.maxTimestamp < timestamp) return null;
    const start = this.find(Math.max(this.timeIndex.lookup(timestamp), fromOffset));
    if (start === null) return null;
    for (const { position, header } of this.headers(start.position)) {
      if (header.maxTimestamp < timestamp) continue;
      const [batch] = splitWholeBatches(this.readAt(position, header.sizeBytes));
      const { leaderEpoch } = header;
      if (batch === undefined) return null;
      if (!isReadable(batch)) return { timestamp: header.baseTimestamp, offset: header.baseOffset, leaderEpoch };
      const record = readRecords(batch).find((each) => each.timestamp >= timestamp && each.offset >= fromOffset);
      if (record !== undefined) return { timestamp: record.timestamp, offset: record.offset, leaderEpoch };
    }
    return null;
  }

  /** Cuts off every batch that holds `offset` or comes behind it. */
  truncateTo(offset: number): void {
    const place = this.find(offset);
    if (place !== null) this.cut(place.position, offset);
  }

  /** Cuts the file at a position between two batches, of which the second would start at `offset`. */
  cut(position: number, offset: number): void {
    this.storage('truncate', () => ftruncateSync(this.file(), position));
    this.bytes = position;
    this.offsetIndex.truncate(position);
    this.timeIndex.truncate(offset);
    if (this.maxTimestampOffset >= offset) {
      this.maxTimestamp = this.timeIndex.lastTimestamp;
      this.maxTimestampOffset = this.timeIndex.lastOffset;
    }
    if (position === 0) this.firstTimestamp = -1;
  }

  /** Forgets the indexes and makes them anew while `check` looks at each batch; stops, and cuts, where it says no. */
  reindex(check: (header: BatchHeader, position: number) => boolean = () => true): void {
    const total = this.bytes;
    this.offsetIndex = new OffsetIndex(this.baseOffset);
    this.timeIndex = new TimeIndex(this.baseOffset);
    this.maxTimestamp = this.firstTimestamp = -1;
    this.maxTimestampOffset = this.baseOffset;
    this.bytesSinceIndex = 0;
    this.bytes = 0;
    while (this.bytes < total) {
      const head = this.readAt(this.bytes, Math.min(BATCH_HEADER_BYTES, total - this.bytes));
      if (head.length < BATCH_HEADER_BYTES) break;
      const header = readBatchHeader(head);
      const fits = header.sizeBytes >= BATCH_HEADER_BYTES && this.bytes + header.sizeBytes <= total;
      if (!fits || header.baseOffset < this.baseOffset || !check(header, this.bytes)) break;
      this.note(header);
    }
    if (this.bytes < total) this.storage('truncate', () => ftruncateSync(this.file(), this.bytes));
  }

  /** @param length bytes that are there */
  readAt(position: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    return this.storage('read', () => {
      let done = 0;
      while (done < length) {
        const read = readSync(this.file(), buffer, done, length - done, position + done);
        if (read === 0) break;
        done += read;
      }
      return done === length ? buffer : buffer.subarray(0, done);
    });
  }

  /** Writes the indexes; the last entry of the time index covers all that is here (TimeIndex.maybeAppend on roll). */
  saveIndexes(): void {
    this.timeIndex.maybeAppend(this.maxTimestamp, this.maxTimestampOffset);
    this.storage('write the indexes of', () => {
      this.offsetIndex.save(offsetIndexFile(this.dir, this.baseOffset));
      this.timeIndex.save(timeIndexFile(this.dir, this.baseOffset));
    });
  }

  /** Durable when it resolves. */
  async flush(): Promise<void> {
    try {
      await fsyncAsync(this.file());
    } catch (error) {
      throw new StorageError(`flush ${this.path}`, error);
    }
  }

  flushSync(): void {
    this.storage('flush', () => fsyncSync(this.file()));
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  /** Removes the files. */
  delete(): void {
    this.close();
    for (const path of [this.path, ...this.sideFiles]) rmSync(path, { force: true });
  }

  private get sideFiles(): readonly string[] {
    return [
      offsetIndexFile(this.dir, this.baseOffset),
      timeIndexFile(this.dir, this.baseOffset),
      txnIndexFile(this.dir, this.baseOffset),
    ];
  }

  private headerAt(position: number): BatchHeader {
    return readBatchHeader(this.readAt(position, BATCH_HEADER_BYTES));
  }

  private file(): number {
    return (this.fd ??= openSync(this.path, 'r+'));
  }

  private storage<T>(what: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw new StorageError(`${what} ${this.path}`, error);
    }
  }
}
