/**
 * One server's disk: the half of the peer's effects that ends in files.
 *
 * Appends go straight to the log's writer. What takes longer (epochs, snapshots, reading back, truncation) is done one
 * after the other in the order it was asked for, beside the appends. Whatever goes wrong on the disk ends it all once:
 * `storageFailed`, and nothing is written any more.
 */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  CoreLog,
  Database,
  Env,
  EpochKind,
  PeerInput,
  ServerId,
  SnapshotSource,
} from '../../core/contract/index.js';
import { epochOf } from '../../core/contract/index.js';
import { SnapshotAbandonedError } from '../../core/errors.js';
import type { StorageConfig } from '../config/index.js';
import { claimDirectories, openDirectories, type DataDirectories } from './directories.js';
import { expectNeverServed, loadEpochs, saveEpoch, type Epochs } from './epoch-files.js';
import { hex, listUnfinishedSnapshots, snapshotFileName } from './file-names.js';
import { LogWriter, type LogWriterEvents } from './log-writer.js';
import { trustInEmptiness } from './emptiness.js';
import { purge } from './purge.js';
import { readLogRange } from './read-log.js';
import { recover, type Recovered } from './recovery.js';
import { writeSnapshot } from './snapshot-file.js';
import { SnapshotSchedule } from './snapshot-schedule.js';
import { type RecoveryTimes, StorageStats } from './storage-stats.js';
import { canTruncateTo, cutLog, dropHistoryBefore, dropSnapshotsAfter } from './truncation.js';

export interface StorageOptions {
  readonly config: StorageConfig;
  /** Whose data it must be; null for a standalone server, which may start on anybody's. */
  readonly serverId: ServerId | null;
  readonly digestEnabled: boolean;
  readonly database: Database;
  readonly env: Env;
  /** Where what came of the effects goes. Never called from within an effect. */
  readonly deliver: (input: PeerInput) => void;
  /** A snapshot was read and found right; what comes now are logged transactions. */
  readonly beforeReplay?: () => void;
  /** Makes sure that nobody else has the directories; who simulates a disk has no need of it. */
  readonly claim?: typeof claimDirectories;
}

export interface OpenedStorage {
  readonly storage: Storage;
  readonly recovered: Recovered;
  /** What the vote uses: -1 for an empty server that must not vote. */
  readonly lastLoggedZxid: bigint;
  readonly epochs: Epochs;
}

export interface SnapshotTaken {
  readonly zxid: bigint;
  readonly path: string;
}

export class Storage {
  readonly stats: StorageStats;
  private readonly schedule: SnapshotSchedule;
  private writer: LogWriter;
  /** The last of the slow operations that were asked for. */
  private tail: Promise<void> = Promise.resolve();
  /** Answers to slow operations that have not been delivered. */
  private answersDue = 0;
  /** What the peer knows to be durable. */
  private reportedZxid = 0n;
  private failed = false;
  private closing = false;
  private snapshotIsDue = false;
  private snapshotIsRunning = false;
  /** The snapshot that nobody waits for, while it is written. */
  private background: Promise<void> = Promise.resolve();
  private backgroundMustStop = false;
  /** Called when a snapshot ends and the database has room for another. */
  private roomWaiters: (() => void)[] = [];

  private constructor(
    private readonly options: StorageOptions,
    readonly directories: DataDirectories,
    private readonly lock: { release(): Promise<void> },
    recovered: Recovered,
    recovery: RecoveryTimes,
  ) {
    const { config, env } = options;
    this.schedule = new SnapshotSchedule({
      snapCount: config.snapCount,
      sizeLimitBytes: config.snapSizeLimitBytes,
      random: () => env.random(),
    });
    this.writer = this.openWriter();
    this.reportedZxid = this.writer.lastZxid;
    this.stats = new StorageStats(recovered.transactions, recovery, recovered.snapshotZxid);
  }

  /**
   * Claims the directories and fills the database from them. An empty disk gets its first snapshot, without which a log
   * alone would be refused at the next start.
   *
   * @throws DirectoryError, DamagedDataError, and system errors with their path
   */
  static async open(options: StorageOptions): Promise<OpenedStorage> {
    const { config, serverId, database } = options;
    const directories = await openDirectories(config.dataDir, config.dataLogDir, config.dataDirAutocreate);
    const lock = await (options.claim ?? claimDirectories)(directories, serverId);
    try {
      for (const path of await listUnfinishedSnapshots(directories.snapshots)) await unlink(path);
      const { env } = options;
      const beganMs = env.monotonicMs();
      let replayFromMs = beganMs;
      const beforeReplay = (): void => {
        replayFromMs = env.monotonicMs();
        options.beforeReplay?.();
      };
      const recovered = await recover({ directories, config, database, log: env.log, beforeReplay });
      const recovery = { snapshotMs: replayFromMs - beganMs, logMs: env.monotonicMs() - replayFromMs };
      const trust = recovered.isEmpty ? await trustInEmptiness(config) : null;
      if (trust === 'assumed' && serverId !== null) await expectNeverServed(directories.snapshots);
      const mayVote = trust !== 'none';
      const storage = new Storage(options, directories, lock, recovered, recovery);
      if (recovered.snapshotZxid === null && mayVote) await storage.writeFirstSnapshot();
      const lastLoggedZxid = mayVote ? database.lastProcessedZxid : -1n;
      const epochs =
        serverId === null ? alone(lastLoggedZxid) : await loadEpochs(directories.snapshots, lastLoggedZxid);
      return { storage, recovered, lastLoggedZxid, epochs };
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  get log(): CoreLog {
    return this.options.env.log;
  }

  appendToLog(zxid: bigint, bytes: Buffer): void {
    this.writer.append(zxid, bytes);
    this.stats.appended++;
    if (this.schedule.count(bytes.length)) this.snapshotIsDue = true;
  }

  /** Once a turn: writes what was appended. */
  flush(): void {
    this.writer.flush();
  }

  /** Whether enough was logged since the last snapshot; `saveSnapshotInBackground` when the state may be written. */
  get wantsSnapshot(): boolean {
    return this.snapshotIsDue && !this.snapshotIsRunning && !this.isOver;
  }

  /** Nobody waits for this one; it is left out while another is written, or when the database has no room for it. */
  saveSnapshotInBackground(): void {
    if (this.snapshotIsRunning) return;
    this.snapshotIsDue = false;
    this.snapshotIsRunning = true;
    this.schedule.restart();
    this.background = this.guard('writing a snapshot', async () => {
      try {
        await this.writeSnapshotOfNow(this.options.database.beginSnapshot());
      } finally {
        this.snapshotIsRunning = false;
      }
    });
  }

  saveSnapshot(token: number): void {
    this.answer('writing a snapshot', async () => {
      await this.stopBackground();
      let zxid: bigint | null = null;
      while (zxid === null) {
        if (this.isOver) return null;
        zxid = await this.writeSnapshotOfNow(await this.waitForSnapshot());
      }
      await this.forgetAllBut(zxid);
      return { kind: 'snapshotSaved', token, zxid };
    });
  }

  /**
   * As in the background, but somebody waits for it.
   *
   * @returns null when there is none to be had now: the database has no room, or the server stops
   */
  async takeSnapshot(): Promise<SnapshotTaken | null> {
    await this.background;
    if (this.isOver || this.snapshotIsRunning) return null;
    this.snapshotIsRunning = true;
    this.schedule.restart();
    let zxid: bigint | null = null;
    this.background = this.guard('writing a snapshot', async () => {
      try {
        zxid = await this.writeSnapshotOfNow(this.options.database.beginSnapshot());
      } finally {
        this.snapshotIsRunning = false;
      }
    });
    await this.background;
    return zxid === null ? null : { zxid, path: join(this.directories.snapshots, snapshotFileName(zxid)) };
  }

  saveEpoch(which: EpochKind, epoch: number): void {
    this.answer(`writing ${which}Epoch`, async () => {
      await saveEpoch(this.directories.snapshots, which, epoch);
      return { kind: 'epochSaved', which, epoch };
    });
  }

  readLog(token: number, fromZxid: bigint, toZxid: bigint): void {
    this.answer('reading the log', async () => {
      const records = await readLogRange(this.directories, this.options.config, fromZxid, toZxid);
      return { kind: 'logRead', token, records };
    });
  }

  truncateLog(zxid: bigint): void {
    this.answer(`truncating the log to 0x${hex(zxid)}`, async () => {
      await this.stopBackground();
      if (!(await canTruncateTo(this.directories, zxid))) return { kind: 'truncated', zxid: null };
      await this.writer.close();
      await cutLog(this.directories.logs, zxid);
      await dropSnapshotsAfter(this.directories.snapshots, zxid);
      await this.reload();
      return { kind: 'truncated', zxid };
    });
  }

  reloadDatabase(): void {
    this.answer('reading the database again', async () => {
      await this.stopBackground();
      await this.writer.close();
      await this.reload();
      return { kind: 'reloaded', zxid: this.options.database.lastProcessedZxid };
    });
  }

  /** A snapshot streamed to a learner has ended: the database has room for another. */
  snapshotRoomFreed(): void {
    const waiters = this.roomWaiters;
    this.roomWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Removes old files; a failure is logged and tried again next time. */
  async purge(): Promise<void> {
    const { config } = this.options;
    await this.inOrder(async () => {
      try {
        await purge(this.directories, config.snapRetainCount, this.log);
      } catch (error) {
        this.log.warn('purge failed', { error: (error as Error).message });
      }
    });
  }

  /** Everything appended is durable and the files are closed when this resolves. */
  async close(): Promise<void> {
    this.closing = true;
    this.snapshotRoomFreed();
    await this.tail;
    await this.background;
    await this.writer.close();
    await this.lock.release();
  }

  private get isOver(): boolean {
    return this.failed || this.closing;
  }

  private openWriter(): LogWriter {
    const { config, database } = this.options;
    return new LogWriter(
      {
        directory: this.directories.logs,
        preAllocBytes: config.preAllocBytes,
        forceSync: config.forceSync,
        sizeLimitBytes: config.txnLogSizeLimitBytes,
      },
      this.writerEvents,
      database.lastProcessedZxid,
    );
  }

  private readonly writerEvents: LogWriterEvents = {
    durable: () => this.reportDurable(this.writer.lastDurableZxid),
    failed: (what, error) => this.fail(what, error),
    synced: (elapsedMs, records) => this.onSynced(elapsedMs, records),
  };

  /** Answers come in the order of the calls, so what is durable waits behind the answers that are due before it. */
  private reportDurable(zxid: bigint): void {
    if (this.answersDue > 0 || zxid <= this.reportedZxid) return;
    this.reportedZxid = zxid;
    this.deliver({ kind: 'durable', zxid });
  }

  private onSynced(elapsedMs: number, records: number): void {
    this.stats.fsynced(elapsedMs, records);
    if (elapsedMs <= this.options.config.fsyncWarningMs) return;
    this.stats.fsyncOverThreshold++;
    this.log.warn('fsync of the log is slow', { elapsedMs: Math.round(elapsedMs) });
  }

  private async writeFirstSnapshot(): Promise<void> {
    if ((await this.writeSnapshotOfNow(this.options.database.beginSnapshot())) === null) {
      throw new Error('expected to write the first snapshot');
    }
  }

  /** @returns its zxid; null if there was no source or it had to stop */
  private async writeSnapshotOfNow(source: SnapshotSource | null): Promise<bigint | null> {
    if (source === null) return null;
    // What the snapshot does not hold begins a new file, so the older ones can go with the snapshots before it.
    this.writer.roll();
    const startedAt = performance.now();
    const { zxid } = source;
    const bytes = await this.drainSnapshot(source);
    this.snapshotRoomFreed();
    if (bytes === null) return null;
    const elapsedMs = Math.round(performance.now() - startedAt);
    this.stats.snapshotWritten(zxid, elapsedMs, this.options.env.wallMs());
    this.log.info('snapshot written', { zxid: `0x${hex(zxid)}`, bytes, elapsedMs });
    return zxid;
  }

  private async drainSnapshot(source: SnapshotSource): Promise<number | null> {
    try {
      return await writeSnapshot(this.directories.snapshots, source, {
        withDigest: this.options.digestEnabled,
        isAborted: () => this.backgroundMustStop || this.isOver,
      });
    } catch (error) {
      if (!(error instanceof SnapshotAbandonedError)) throw error;
      this.log.warn('snapshot given up', { zxid: `0x${hex(source.zxid)}`, problem: error.message });
      return null;
    }
  }

  private async waitForSnapshot(): Promise<SnapshotSource | null> {
    for (;;) {
      if (this.isOver) return null;
      const source = this.options.database.beginSnapshot();
      if (source !== null) return source;
      await new Promise<void>((resolve) => this.roomWaiters.push(resolve));
    }
  }

  /**
   * The snapshot just written is where history begins: what is logged, and all other snapshots, are of another one or
   * have a hole before it. The later goes first, so that a crash leaves the old history or the new one.
   */
  private async forgetAllBut(zxid: bigint): Promise<void> {
    await this.writer.close();
    await cutLog(this.directories.logs, zxid);
    await dropSnapshotsAfter(this.directories.snapshots, zxid);
    await dropHistoryBefore(this.directories, zxid);
    this.restartWriter();
  }

  private async reload(): Promise<void> {
    const { config, database } = this.options;
    await recover({ directories: this.directories, config, database, log: this.log });
    this.restartWriter();
  }

  private restartWriter(): void {
    this.writer = this.openWriter();
    this.reportedZxid = this.writer.lastZxid;
  }

  private async stopBackground(): Promise<void> {
    this.backgroundMustStop = true;
    await this.background;
    this.backgroundMustStop = false;
  }

  /** Runs after everything asked for before, and after what was appended before is durable. */
  private answer(what: string, work: () => Promise<PeerInput | null>): void {
    this.answersDue++;
    const appendedBefore = this.writer.lastZxid;
    void this.inOrder(() =>
      this.guard(what, async () => {
        await this.writer.drain();
        if (this.isOver || this.writer.isBroken) return;
        this.deliverDurable(appendedBefore);
        const input = await work();
        this.answersDue--;
        if (input !== null) this.deliver(input);
        this.reportDurable(this.writer.lastDurableZxid);
      }),
    );
  }

  private deliverDurable(zxid: bigint): void {
    if (zxid <= this.reportedZxid || zxid > this.writer.lastDurableZxid) return;
    this.reportedZxid = zxid;
    this.deliver({ kind: 'durable', zxid });
  }

  private inOrder(work: () => Promise<void>): Promise<void> {
    this.tail = this.tail.then(() => (this.failed ? undefined : work()));
    return this.tail;
  }

  private async guard(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.fail(what, error);
    }
  }

  private deliver(input: PeerInput): void {
    if (!this.isOver) this.options.deliver(input);
  }

  private fail(what: string, error: unknown): void {
    if (this.isOver) return;
    this.failed = true;
    this.snapshotRoomFreed();
    const message = error instanceof Error ? error.message : String(error);
    this.options.deliver({ kind: 'storageFailed', what, error: message });
  }
}

/** A server alone promises nothing to anybody. */
function alone(lastLoggedZxid: bigint): Epochs {
  const epoch = lastLoggedZxid < 0n ? 0 : epochOf(lastLoggedZxid);
  return { acceptedEpoch: epoch, currentEpoch: epoch };
}
