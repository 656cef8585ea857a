/**
 * Where each leader's epoch begins in this log. A follower that comes back asks the leader where its own last epoch ended
 * there and cuts its log to it, instead of to a high watermark that may be behind (KIP-101, KIP-279).
 */
import { readCheckpoint, writeCheckpoint } from '../checkpoint-file.js';
import { CheckpointError } from '../errors.js';

export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

/** Nothing is known of the epoch asked for. */
export const UNDEFINED_EPOCH: EpochEnd = { epoch: -1, endOffset: -1 };

interface EpochStart {
  readonly epoch: number;
  readonly startOffset: number;
}

export class LeaderEpochs {
  /** Invariant: epochs grow strictly, start offsets grow. */
  private entries: EpochStart[] = [];

  /** @param path the checkpoint file; null keeps nothing on disk */
  constructor(private readonly path: string | null) {
    if (path === null) return;
    for (const line of readCheckpoint(path)) {
      const match = /^(\d+) (\d+)$/.exec(line);
      if (match === null) throw new CheckpointError(path, `expected "epoch offset", got ${JSON.stringify(line)}`);
      this.entries.push({ epoch: Number(match[1]), startOffset: Number(match[2]) });
    }
  }

  get latestEpoch(): number {
    return this.entries[this.entries.length - 1]?.epoch ?? -1;
  }

  get all(): readonly EpochStart[] {
    return this.entries;
  }

  /** Notes the first offset of an epoch; one that is known or older changes nothing. */
  assign(epoch: number, startOffset: number): void {
    if (epoch < 0 || epoch <= this.latestEpoch) return;
    // An entry at or behind the start was of an epoch in which nothing was written that we kept.
    this.entries = this.entries.filter((entry) => entry.startOffset < startOffset);
    this.entries.push({ epoch, startOffset });
    this.save();
  }

  /** The last offset of the largest epoch <= the one asked for, exclusive. */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEnd {
    if (epoch < 0 || this.entries.length === 0) return UNDEFINED_EPOCH;
    if (epoch === this.latestEpoch) return { epoch, endOffset: logEndOffset };
    const next = this.entries.find((entry) => entry.epoch > epoch);
    if (next === undefined) return UNDEFINED_EPOCH;
    const floor = this.entries.filter((entry) => entry.epoch <= epoch).at(-1);
    return { epoch: floor?.epoch ?? epoch, endOffset: next.startOffset };
  }

  /** Forgets what lies at `endOffset` or behind it. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.entries.filter((entry) => entry.startOffset < endOffset);
    if (kept.length === this.entries.length) return;
    this.entries = kept;
    this.save();
  }

  /** The epoch in which `startOffset` lies begins there now; those before are forgotten. */
  truncateFromStart(startOffset: number): void {
    const before = this.entries.filter((entry) => entry.startOffset <= startOffset);
    const last = before.at(-1);
    if (last === undefined || (before.length === 1 && last.startOffset === startOffset)) return;
    this.entries = [{ epoch: last.epoch, startOffset }, ...this.entries.slice(before.length)];
    this.save();
  }

  clear(): void {
    this.entries = [];
    this.save();
  }

  private save(): void {
    if (this.path === null) return;
    writeCheckpoint(
      this.path,
      this.entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`),
      { sync: false },
    );
  }
}
