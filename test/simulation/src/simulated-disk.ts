/**
 * One server's disk. What was written is there for a reader at once; what was not synced may be gone after a crash, from
 * the end, as a log is. Work is done in the order it was asked for, log and epoch files apart, and takes time. A crash
 * finds some of it done whose end nobody has heard of: of each queue, a first part that chance picks.
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

interface Job {
  readonly work: () => void;
  readonly done: () => void;
}

const SNAPSHOTS_KEPT = 3;

export class SimulatedDisk {
  private log: LogEntry[] = [];
  /** Invariant: 0 <= syncedLength <= log.length. */
  private syncedLength = 0;
  private snapshots: StoredSnapshot[] = [];
  private readonly epochs: Record<EpochKind, number> = { accepted: 0, current: 0 };
  private readonly logQueue: JobQueue;
  private readonly epochQueue: JobQueue;
  private readonly snapshotQueue: JobQueue;

  constructor(
    time: VirtualTime,
    private readonly random: Random,
    speed: DiskSpeed,
  ) {
    this.logQueue = new JobQueue(time, random, speed);
    this.epochQueue = new JobQueue(time, random, speed);
    this.snapshotQueue = new JobQueue(time, random, speed);
  }

  /** The last transaction of the log, or of the newest snapshot when nothing follows it. */
  get lastZxid(): bigint {
    const last = this.log.at(-1)?.zxid ?? 0n;
    const snapshot = this.newestSnapshot()?.zxid ?? 0n;
    return last > snapshot ? last : snapshot;
  }

  append(entry: LogEntry): void {
    const last = this.log.at(-1);
    if (last && last.zxid >= entry.zxid) {
      throw new Error(`the log ends at 0x${last.zxid.toString(16)} and 0x${entry.zxid.toString(16)} was appended`);
    }
    this.log.push(entry);
  }

  /** Covers everything appended so far. */
  sync(onDurable: (zxid: bigint) => void): void {
    const last = this.log.at(-1);
    if (last === undefined) return;
    this.logQueue.add({
      work: () => {
        const at = this.log.findLastIndex((entry) => entry.zxid <= last.zxid);
        this.syncedLength = Math.max(this.syncedLength, at + 1);
      },
      done: () => onDurable(last.zxid),
    });
  }

  saveEpoch(which: EpochKind, epoch: number, onSaved: () => void): void {
    this.epochQueue.add({ work: () => (this.epochs[which] = epoch), done: onSaved });
  }

  /** Taken while serving: the log stays as it is, but for what no kept snapshot needs. */
  addSnapshot(snapshot: StoredSnapshot): void {
    const work = () => {
      if (this.snapshots.some((one) => one.zxid >= snapshot.zxid)) return;
      this.snapshots = [...this.snapshots, snapshot].slice(-SNAPSHOTS_KEPT);
      const oldest = this.snapshots[0]!.zxid;
      const purged = this.log.filter((entry) => entry.zxid <= oldest).length;
      if (this.snapshots.length < SNAPSHOTS_KEPT || purged > this.syncedLength) return;
      this.log = this.log.slice(purged);
      this.syncedLength -= purged;
    };
    this.snapshotQueue.add({ work, done: () => undefined });
  }

  /** What a leader sent replaces the history: four steps, and a crash may come between any two. */
  replaceHistory(snapshot: StoredSnapshot, onDone: () => void): void {
    const nothing = () => undefined;
    this.logQueue.add({ work: () => this.snapshots.push(snapshot), done: nothing });
    this.logQueue.add({ work: () => this.cutLog(snapshot.zxid), done: nothing });
    this.logQueue.add({ work: () => this.dropSnapshotsAfter(snapshot.zxid), done: nothing });
    this.logQueue.add({ work: () => this.dropBeforeHole(), done: onDone });
  }

  /** Exactly to `zxid` or not at all: see `PeerEffects.truncateLog`. */
  truncate(zxid: bigint, onTruncated: (isDone: boolean) => void): void {
    let isPossible = false;
    this.logQueue.add({
      work: () => {
        isPossible = this.canTruncateTo(zxid);
        if (isPossible) this.cutLog(zxid);
      },
      done: () => undefined,
    });
    this.logQueue.add({
      work: () => {
        if (isPossible) this.dropSnapshotsAfter(zxid);
      },
      done: () => onTruncated(isPossible),
    });
  }

  /** `null` unless the log holds `fromZxid` itself: what follows something else need not follow it. */
  read(fromZxid: bigint, toZxid: bigint): readonly LogEntry[] | null {
    if (!this.log.some((entry) => entry.zxid === fromZxid)) return null;
    return this.log.filter((entry) => entry.zxid > fromZxid && entry.zxid <= toZxid);
  }

  /** The power goes: of what was not synced a random first part survives, the last of it never torn into use. */
  crash(): void {
    for (const queue of [this.logQueue, this.epochQueue, this.snapshotQueue]) queue.crash();
    this.log.length = this.random.integer(this.syncedLength, this.log.length);
    this.syncedLength = this.log.length;
  }

  /** For a start, and after the history was cut. */
  contents(): DiskContents {
    this.dropBeforeHole();
    const snapshot = this.newestSnapshot();
    const log = this.log.filter((entry) => snapshot === null || entry.zxid > snapshot.zxid);
    return { snapshot, log, acceptedEpoch: this.epochs.accepted, currentEpoch: this.epochs.current };
  }

  private canTruncateTo(zxid: bigint): boolean {
    if ((zxid & 0xffff_ffffn) === 0n) return this.snapshots.every((snapshot) => snapshot.zxid <= zxid);
    return this.log.some((entry) => entry.zxid === zxid) || this.snapshots.some((snapshot) => snapshot.zxid === zxid);
  }

  private cutLog(zxid: bigint): void {
    this.log = this.log.filter((entry) => entry.zxid <= zxid);
    this.syncedLength = this.log.length;
  }

  private dropSnapshotsAfter(zxid: bigint): void {
    this.snapshots = this.snapshots.filter((snapshot) => snapshot.zxid <= zxid);
  }

  /** A snapshot that came from a leader has a hole before it: nothing earlier may be used together with it. */
  private dropBeforeHole(): void {
    const snapshot = this.newestSnapshot();
    if (snapshot === null || this.log.some((entry) => entry.zxid === snapshot.zxid)) return;
    const dropped = this.log.filter((entry) => entry.zxid < snapshot.zxid).length;
    this.log = this.log.slice(dropped);
    this.syncedLength = Math.max(0, this.syncedLength - dropped);
    this.snapshots = [snapshot];
  }

  private newestSnapshot(): StoredSnapshot | null {
    return this.snapshots.reduce<StoredSnapshot | null>(
      (best, one) => (best && best.zxid >= one.zxid ? best : one),
      null,
    );
  }
}

/** One job after the other. */
class JobQueue {
  private readonly jobs: Job[] = [];
  /** Grows with each crash: work begun before is never finished. */
  private life = 0;

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly speed: DiskSpeed,
  ) {}

  add(job: Job): void {
    this.jobs.push(job);
    if (this.jobs.length === 1) this.next();
  }

  crash(): void {
    this.life += 1;
    const reached = this.random.integer(0, this.jobs.length);
    for (const job of this.jobs.slice(0, reached)) job.work();
    this.jobs.length = 0;
  }

  private next(): void {
    const { life } = this;
    this.time.after(this.random.delay(this.speed.meanSyncMs), () => {
      if (life !== this.life) return;
      const job = this.jobs.shift()!;
      job.work();
      if (this.jobs.length > 0) this.next();
      job.done();
    });
  }
}
