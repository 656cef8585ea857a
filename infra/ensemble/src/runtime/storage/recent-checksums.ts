/**
 * The checksums of the latest transactions of a log, to tell one that was logged again from one that differs.
 *
 * A ring of numbers and not a map: a map that drops its oldest key for each new one has to step over all it dropped
 * before, and made a start with 250,000 logged transactions take 20 s instead of 4.
 */
import assert from 'node:assert';

/** As many as Apache puts into one log file, and half as many again. */
const CAPACITY = 150_000;

export class RecentChecksums {
  /** Entry i lies at i modulo the capacity. Invariant: zxids rise with i. */
  private readonly zxids: BigInt64Array;
  private readonly checksums: Uint32Array;
  private added = 0;

  constructor(private readonly capacity: number = CAPACITY) {
    this.zxids = new BigInt64Array(capacity);
    this.checksums = new Uint32Array(capacity);
  }

  /** @param zxid above all that were added before */
  add(zxid: bigint, checksum: number): void {
    if (this.added > 0 && zxid <= this.zxidAt(this.added - 1)) assert.fail(`expected rising zxids, got ${zxid}`);
    const at = this.added++ % this.capacity;
    this.zxids[at] = zxid;
    this.checksums[at] = checksum;
  }

  /** Whether this transaction is among the latest, with the same checksum. */
  has(zxid: bigint, checksum: number): boolean {
    let low = Math.max(0, this.added - this.capacity);
    let high = this.added;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.zxidAt(middle) < zxid) low = middle + 1;
      else high = middle;
    }
    return low < this.added && this.zxidAt(low) === zxid && this.checksums[low % this.capacity] === checksum;
  }

  private zxidAt(index: number): bigint {
    return this.zxids[index % this.capacity]!;
  }
}
