/**
 * The end of the transaction log: group commit.
 *
 *   append, append, ... --flush--> one write --> one fdatasync --> durable(zxid of the last of them)
 *                                                 |  what is flushed while it runs waits for the next one
 *
 * `append` only copies into memory that is reused, `flush` is called once a turn. One fdatasync runs at a time and
 * covers everything written before it began, so under load a batch is as large as what came in during the last one.
 * It runs on the thread pool: done in the turn it would be some 40 us cheaper on a fast disk (85 against 124 us, and the
 * same throughput under load, where a batch shares it), and would stop reads, heartbeats and elections for as long as a
 * slow disk takes.
 *
 * Files are Apache's: named after their first transaction, grown in steps of zeros, rolled when a snapshot begins.
 */
import assert from 'node:assert/strict';
import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  encodeLogHeader,
  LOG_HEADER_BYTES,
  LOG_RECORD_OVERHEAD_BYTES,
  writeLogRecord,
} from '@menagerie/zookeeper-protocol';
import { fsyncDirectory } from './durable.js';
import { formatZxid } from '../../core/contract/index.js';
import { logFileName } from './file-names.js';

export interface LogWriterOptions {
  readonly directory: string;
  readonly preAllocBytes: number;
  readonly forceSync: boolean;
  /** A file over this is rolled; 0: never. */
  readonly sizeLimitBytes: number;
}

/** Never called from within `append`. */
export interface LogWriterEvents {
  /** `lastDurableZxid` has moved: everything up to it would survive a power failure. */
  durable(): void;
  /** Nothing more is written or reported after this. */
  failed(what: string, error: unknown): void;
  synced(elapsedMs: number, batchRecords: number): void;
}

interface LogFile {
  readonly fd: number;
  readonly path: string;
  /** Where the next byte goes. Invariant: position <= allocatedBytes. */
  position: number;
  allocatedBytes: number;
}

const INITIAL_STAGING_BYTES = 256 * 1024;
/** A turn that appends more is written in parts of this, unless a new file has to wait for the one before it. */
const MAX_STAGING_BYTES = 8 * 1024 * 1024;
/** How near the end of its file the log comes before the file grows, as in Apache. */
const GROW_WITHIN_BYTES = 4096;

export class LogWriter {
  private current: LogFile | null = null;
  /** Rolled, not yet fsynced and closed. */
  private rolled: LogFile[] = [];
  private staging = Buffer.allocUnsafeSlow(INITIAL_STAGING_BYTES);
  private stagedBytes = 0;
  private stagedRecords = 0;

  /** Invariant: durableZxid <= syncingZxid <= writtenZxid <= appendedZxid. */
  private appendedZxid: bigint;
  private writtenZxid: bigint;
  private syncingZxid: bigint;
  private durableZxid: bigint;
  private unsyncedRecords = 0;
  private syncingRecords = 0;

  /** A file was created since the directory was fsynced. */
  private directoryIsDirty = false;
  private syncing = false;
  /**
   * Nothing is written to the new file before the end of the rolled one is durable: between files the disk keeps no
   * order, and a power failure that leaves a later transaction without an earlier one leaves a log nobody can start on.
   */
  private holdsBack = false;
  private syncCoversRolled = false;
  private syncStartedAt = 0;
  private broken = false;
  private drained: (() => void)[] = [];
  private totalBytes = 0;

  /** @param lastZxid where the log on disk ends */
  constructor(
    private readonly options: LogWriterOptions,
    private readonly events: LogWriterEvents,
    lastZxid: bigint,
  ) {
    this.appendedZxid = this.writtenZxid = this.syncingZxid = this.durableZxid = lastZxid;
  }

  get lastZxid(): bigint {
    return this.appendedZxid;
  }

  get lastDurableZxid(): bigint {
    return this.durableZxid;
  }

  /** Failed or closed: nothing more becomes durable. */
  get isBroken(): boolean {
    return this.broken;
  }

  /** Bytes of records written in this process' life. */
  get writtenBytes(): number {
    return this.totalBytes;
  }

  /** @param bytes what `encodeTxnRecord` made; copied */
  append(zxid: bigint, bytes: Buffer): void {
    if (this.broken) return;
    if (zxid <= this.appendedZxid) {
      assert.fail(`expected a zxid above ${formatZxid(this.appendedZxid)}, got ${formatZxid(zxid)}`);
    }
    const needed = bytes.length + LOG_RECORD_OVERHEAD_BYTES;
    if (this.current === null && !this.openFile(zxid)) return;
    if (!this.makeRoom(needed)) return;
    writeLogRecord(this.staging, this.stagedBytes, bytes);
    this.stagedBytes += needed;
    this.stagedRecords++;
    this.appendedZxid = zxid;
  }

  /** Writes what was appended, and sees that it becomes durable. */
  flush(): void {
    if (this.broken) return;
    if (this.stagedBytes > 0 && !this.holdsBack && !this.writeStaged()) return;
    if (!this.syncing && (this.writtenZxid > this.durableZxid || this.holdsBack)) this.startSync();
  }

  /** The next transaction begins a new file. */
  roll(): void {
    if (this.broken || this.current === null || this.holdsBack || !this.writeStaged()) return;
    this.rolled.push(this.current);
    this.current = null;
    this.holdsBack = true;
  }

  /** Resolves when everything appended is durable or the writer has failed. */
  async drain(): Promise<void> {
    this.flush();
    if (this.broken || (!this.syncing && this.durableZxid === this.appendedZxid)) return;
    await new Promise<void>((resolve) => this.drained.push(resolve));
  }

  /** Drains and closes; the writer is of no use afterwards. */
  async close(): Promise<void> {
    await this.drain();
    this.broken = true;
    for (const file of [...this.rolled, this.current]) if (file !== null) closeSync(file.fd);
    this.rolled = [];
    this.current = null;
  }

  private openFile(zxid: bigint): boolean {
    const path = join(this.options.directory, logFileName(zxid));
    try {
      // A file of that name would hold this transaction already.
      const fd = openSync(path, 'wx');
      this.current = { fd, path, position: 0, allocatedBytes: 0 };
    } catch (error) {
      this.fail(`creating ${path}`, error);
      return false;
    }
    this.directoryIsDirty = true;
    this.staging.set(encodeLogHeader(), this.stagedBytes);
    this.stagedBytes += LOG_HEADER_BYTES;
    return true;
  }

  private makeRoom(needed: number): boolean {
    if (this.stagedBytes + needed <= this.staging.length) return true;
    if (this.stagedBytes + needed > MAX_STAGING_BYTES && !this.holdsBack && !this.writeStaged()) return false;
    if (this.stagedBytes + needed > this.staging.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.staging.length, this.stagedBytes + needed));
      this.staging.copy(larger, 0, 0, this.stagedBytes);
      this.staging = larger;
    }
    return true;
  }

  private writeStaged(): boolean {
    const file = this.current;
    if (file === null || this.stagedBytes === 0) return true;
    try {
      this.grow(file);
      for (let at = 0; at < this.stagedBytes;) {
        const written = writeSync(file.fd, this.staging, at, this.stagedBytes - at, file.position);
        at += written;
        file.position += written;
      }
    } catch (error) {
      this.fail(`writing ${file.path} at byte ${file.position}`, error);
      return false;
    }
    this.totalBytes += this.stagedBytes;
    this.unsyncedRecords += this.stagedRecords;
    this.writtenZxid = this.appendedZxid;
    this.stagedBytes = 0;
    this.stagedRecords = 0;
    return true;
  }

  private grow(file: LogFile): void {
    const step = this.options.preAllocBytes;
    const end = file.position + this.stagedBytes;
    if (step === 0 || end + GROW_WITHIN_BYTES < file.allocatedBytes) return;
    file.allocatedBytes = (Math.floor((end + GROW_WITHIN_BYTES) / step) + 1) * step;
    ftruncateSync(file.fd, file.allocatedBytes);
  }

  private startSync(): void {
    this.syncing = true;
    this.syncCoversRolled = this.holdsBack;
    this.syncingZxid = this.writtenZxid;
    this.syncingRecords = this.unsyncedRecords;
    this.unsyncedRecords = 0;
    this.syncStartedAt = performance.now();
    if (!this.options.forceSync) {
      for (const file of this.rolled) closeSync(file.fd);
      this.rolled = [];
      this.onSynced(null);
    } else if (this.rolled.length === 0 && !this.directoryIsDirty) {
      fdatasync(this.current!.fd, this.onSynced);
    } else {
      this.syncFiles().then(
        () => this.onSynced(null),
        (error: unknown) => this.onSynced(error),
      );
    }
  }

  /** The rare case: a file was created or rolled since the last time. */
  private async syncFiles(): Promise<void> {
    const { rolled, current } = this;
    this.rolled = [];
    for (const file of rolled) {
      await syncFile(file.fd);
      closeSync(file.fd);
    }
    if (current !== null) await syncFile(current.fd);
    if (this.directoryIsDirty) {
      this.directoryIsDirty = false;
      await fsyncDirectory(this.options.directory);
    }
  }

  private readonly onSynced = (error: unknown): void => {
    this.syncing = false;
    if (this.broken) return;
    if (error !== null && error !== undefined) {
      this.fail(`fsyncing ${this.current?.path ?? this.options.directory}`, error);
      return;
    }
    this.durableZxid = this.syncingZxid;
    if (this.syncCoversRolled) this.holdsBack = false;
    this.events.synced(performance.now() - this.syncStartedAt, this.syncingRecords);
    const { sizeLimitBytes } = this.options;
    if (sizeLimitBytes > 0 && this.current !== null && this.current.position > sizeLimitBytes) this.roll();
    this.events.durable();
    this.flush();
    if (!this.syncing) this.settleDrained();
  };

  private fail(what: string, error: unknown): void {
    this.broken = true;
    // `append` is called by who must not be called back.
    queueMicrotask(() => this.events.failed(what, error));
    this.settleDrained();
  }

  private settleDrained(): void {
    const waiting = this.drained;
    this.drained = [];
    for (const resolve of waiting) resolve();
  }
}

async function syncFile(fd: number): Promise<void> {
  await new Promise<void>((resolve, reject) => fdatasync(fd, (error) => (error === null ? resolve() : reject(error))));
}
