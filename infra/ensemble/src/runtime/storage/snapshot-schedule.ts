/**
 * When a snapshot is due: after half of snapCount transactions (or of the size limit in bytes) and a random part of the
 * other half, so that the members of an ensemble do not all write one at the same moment. Source: SyncRequestProcessor.
 */
export interface SnapshotScheduleOptions {
  readonly snapCount: number;
  /** 0: bytes do not count. */
  readonly sizeLimitBytes: number;
  readonly random: () => number;
}

export class SnapshotSchedule {
  private transactions = 0;
  private bytes = 0;
  private dueTransactions = 0;
  private dueBytes = 0;

  constructor(private readonly options: SnapshotScheduleOptions) {
    this.restart();
  }

  /** @returns whether one is due now */
  count(recordBytes: number): boolean {
    this.transactions++;
    this.bytes += recordBytes;
    return this.transactions > this.dueTransactions || (this.options.sizeLimitBytes > 0 && this.bytes > this.dueBytes);
  }

  /** One was begun, or is given up. */
  restart(): void {
    const { snapCount, sizeLimitBytes, random } = this.options;
    this.transactions = 0;
    this.bytes = 0;
    this.dueTransactions = Math.floor(snapCount / 2) + Math.floor(random() * (snapCount / 2));
    this.dueBytes = sizeLimitBytes / 2 + random() * (sizeLimitBytes / 2);
  }
}
