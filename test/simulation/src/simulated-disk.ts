/**
 * One server's disk. What was written is there for a reader at once; what was not synced may be gone after a crash, from
 * the end, as a log is. A sync takes time and covers what was written when it began.
 */
import type { EpochKind } from '@menagerie/ensemble';
import type { Random } from './random.js';
import type { VirtualTime } from './virtual-time.js';

export interface LogEntry {
  readonly zxid: bigint;
  readonly bytes: Buffer;
}

export interface StoredSnapshot {
  readonly zxid: bigint;
  readonly body: Buffer;
}

/** What a restarted server finds. */
export interface DiskContents {
  readonly snapshot: StoredSnapshot | null;
  /** After the snapshot. */
  readonly log: readonly LogEntry[];
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
}

export interface DiskSpeed {
  readonly meanSyncMs: number;
}

export class SimulatedDisk {
  private log: LogEntry[] = [];
  /** Invariant: 0 <= syncedLength <= log.length. */
  private syncedLength = 0;
  private snapshots: StoredSnapshot[] = [];
  private epochs: Record<EpochKind, number> = { accepted: 0, current: 0 };
  private syncing = false;
  /** Grows with each crash: work begun before is never finished. */
  private life = 0;

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly speed: DiskSpeed,
  ) {}

  append(entry: LogEntry): void {
    const last = this.log.at(-1);
    if (last && last.zxid >= entry.zxid) {
      throw new Error(`the log ends at 0x${last.zxid.toString(16)} and 0x${entry.zxid.toString(16)} was appended`);
    }
    this.log.push(entry);
  }

  /** Group commit: one sync at a time; what came meanwhile waits for the next. */
  sync(onDurable: (zxid: bigint) => void): void {
    if (this.syncing || this.syncedLength === this.log.length) return;
    this.syncing = true;
    const length = this.log.length;
    this.later(() => {
      this.syncing = false;
      if (length > this.log.length) return this.sync(onDurable);
      this.syncedLength = Math.max(this.syncedLength, length);
      onDurable((this.log[length - 1] as LogEntry).zxid);
      this.sync(onDurable);
    });
  }

  saveEpoch(which: EpochKind, epoch: number, onSaved: () => void): void {
    this.later(() => {
      this.epochs[which] = epoch;
      onSaved();
    });
  }

  /** Taken while serving: the log stays as it is. */
  addSnapshot(snapshot: StoredSnapshot): void {
    this.later(() => {
      this.snapshots = [...this.snapshots.filter((one) => one.zxid < snapshot.zxid), snapshot].slice(-3);
    });
  }

  /** What a leader sent replaces the history: three steps, and a crash may come between any two. */
  replaceHistory(snapshot: StoredSnapshot, onDone: () => void): void {
    this.later(() => {
      this.snapshots.push(snapshot);
      this.later(() => {
        this.log = this.log.filter((entry) => entry.zxid <= snapshot.zxid);
        this.syncedLength = this.log.length;
        this.later(() => {
          this.snapshots = this.snapshots.filter((one) => one.zxid <= snapshot.zxid);
          onDone();
        });
      });
    });
  }

  /** Exactly to `zxid` or not at all: see `PeerEffects.truncateLog`. */
  truncate(zxid: bigint, onTruncated: (zxid: bigint | null) => void): void {
    this.later(() => {
      if (!this.canTruncateTo(zxid)) return onTruncated(null);
      this.log = this.log.filter((entry) => entry.zxid <= zxid);
      this.syncedLength = this.log.length;
      this.snapshots = this.snapshots.filter((snapshot) => snapshot.zxid <= zxid);
      onTruncated(zxid);
    });
  }

  private canTruncateTo(zxid: bigint): boolean {
    if ((zxid & 0xffff_ffffn) === 0n) return this.snapshots.every((snapshot) => snapshot.zxid <= zxid);
    return this.log.some((entry) => entry.zxid === zxid) || this.snapshots.some((snapshot) => snapshot.zxid === zxid);
  }

  /** `null` unless the log holds `fromZxid` itself: what follows something else need not follow it. */
  read(fromZxid: bigint, toZxid: bigint): readonly LogEntry[] | null {
    if (!this.log.some((entry) => entry.zxid === fromZxid)) return null;
    return this.log.filter((entry) => entry.zxid > fromZxid && entry.zxid <= toZxid);
  }

  /** The power goes: of what was not synced a random first part survives, the last of it never torn into use. */
  crash(): void {
    this.life += 1;
    this.syncing = false;
    this.log.length = this.random.integer(this.syncedLength, this.log.length);
    this.syncedLength = this.log.length;
  }

  contents(): DiskContents {
    const snapshot = this.newestSnapshot();
    const log = this.log.filter((entry) => snapshot === null || entry.zxid > snapshot.zxid);
    return { snapshot, log, acceptedEpoch: this.epochs.accepted, currentEpoch: this.epochs.current };
  }

  private newestSnapshot(): StoredSnapshot | null {
    return this.snapshots.reduce<StoredSnapshot | null>(
      (best, one) => (best && best.zxid >= one.zxid ? best : one),
      null,
    );
  }

  private later(work: () => void): void {
    const { life } = this;
    this.time.after(this.random.delay(this.speed.meanSyncMs), () => {
      if (life === this.life) work();
    });
  }
}
