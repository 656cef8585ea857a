/** What the disk did, for `mntr`, `lsnp` and the metrics. Times are milliseconds. */
import { Summary } from '../../core/meters/index.js';

export interface RecoveryTimes {
  /** Until the newest snapshot was in the database. */
  readonly snapshotMs: number;
  /** For what was logged since. */
  readonly logMs: number;
}

export class StorageStats {
  readonly fsync = new Summary();
  /** Transactions made durable by one fsync. */
  readonly batch = new Summary();
  readonly snapshot = new Summary();
  fsyncOverThreshold = 0;
  /** Transactions given to the log. */
  appended = 0;
  lastSnapshotAtMs: number | null = null;

  constructor(
    readonly recoveredTransactions: number,
    readonly recovery: RecoveryTimes,
    /** Of the newest snapshot written or loaded. */
    public lastSnapshotZxid: bigint | null,
  ) {}

  fsynced(elapsedMs: number, transactions: number): void {
    this.fsync.add(elapsedMs);
    this.batch.add(transactions);
  }

  snapshotWritten(zxid: bigint, elapsedMs: number, atMs: number): void {
    this.snapshot.add(elapsedMs);
    this.lastSnapshotZxid = zxid;
    this.lastSnapshotAtMs = atMs;
  }

  reset(): void {
    this.fsync.reset();
    this.batch.reset();
    this.snapshot.reset();
  }
}
