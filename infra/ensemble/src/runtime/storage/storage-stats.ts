/** What the disk did, for `mntr`, `lsnp` and the metrics. */
export class StorageStats {
  fsyncCount = 0;
  fsyncTotalMs = 0;
  fsyncMinMs = 0;
  fsyncMaxMs = 0;
  fsyncOverThreshold = 0;
  snapshotCount = 0;
  snapshotTotalMs = 0;
  snapshotMinMs = 0;
  snapshotMaxMs = 0;
  lastSnapshotAtMs: number | null = null;

  constructor(
    readonly recoveredTransactions: number,
    /** How long it took to load the snapshot and what was logged since. */
    readonly recoveryMs: number,
    /** Of the newest snapshot written or loaded. */
    public lastSnapshotZxid: bigint | null,
  ) {}

  fsynced(elapsedMs: number): void {
    this.fsyncMinMs = this.fsyncCount === 0 ? elapsedMs : Math.min(this.fsyncMinMs, elapsedMs);
    this.fsyncMaxMs = Math.max(this.fsyncMaxMs, elapsedMs);
    this.fsyncTotalMs += elapsedMs;
    this.fsyncCount++;
  }

  snapshotWritten(zxid: bigint, elapsedMs: number, atMs: number): void {
    this.snapshotMinMs = this.snapshotCount === 0 ? elapsedMs : Math.min(this.snapshotMinMs, elapsedMs);
    this.snapshotMaxMs = Math.max(this.snapshotMaxMs, elapsedMs);
    this.snapshotTotalMs += elapsedMs;
    this.snapshotCount++;
    this.lastSnapshotZxid = zxid;
    this.lastSnapshotAtMs = atMs;
  }

  reset(): void {
    this.fsyncCount = this.fsyncTotalMs = this.fsyncMinMs = this.fsyncMaxMs = 0;
    this.snapshotCount = this.snapshotTotalMs = this.snapshotMinMs = this.snapshotMaxMs = 0;
  }
}
