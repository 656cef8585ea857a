/**
 * Things that expire unless they are renewed, in buckets of one interval. A deadline is rounded up to the end of its
 * interval, so a thing expires between its timeout and one interval later. Source: ExpiryQueue.java.
 *
 * Renewing is by far the commonest call, so it only writes the new deadline down; the thing moves to its bucket when
 * the old one comes up.
 */

/** Managed by the buckets; nobody else writes these two. */
export interface Expiring {
  /** End of the interval in which it expires. */
  expiresAtMs: number;
  /** The bucket it lies in, 0 for none. Invariant: 0 or <= expiresAtMs. */
  bucketMs: number;
}

export class ExpiryBuckets<T extends Expiring> {
  /** By the end of the interval. A bucket may hold things that have moved on or were removed; it is read once. */
  private readonly buckets = new Map<number, T[]>();

  constructor(
    private readonly intervalMs: number,
    /** How late `takeExpired` may be before it is we who were away, and not those who said nothing. */
    private readonly toleranceMs: number,
  ) {}

  /** Adds a thing, or renews it. */
  renew(thing: T, nowMs: number, timeoutMs: number): void {
    const expiresAtMs = (Math.floor((nowMs + timeoutMs) / this.intervalMs) + 1) * this.intervalMs;
    thing.expiresAtMs = expiresAtMs;
    if (thing.bucketMs !== 0 && thing.bucketMs <= expiresAtMs) return;
    this.put(thing, expiresAtMs);
  }

  remove(thing: T): void {
    thing.bucketMs = 0;
  }

  /** When `takeExpired` has something to look at; null if there is nothing at all. */
  nextMs(): number | null {
    let next: number | null = null;
    for (const bucketMs of this.buckets.keys()) if (next === null || bucketMs < next) next = bucketMs;
    return next;
  }

  /**
   * What has expired by now, oldest deadline first; it is in no bucket any more. Called too late it gives everything
   * one more interval: the process was stopped or swapped out, and what was sent to it meanwhile is still in the sockets.
   */
  takeExpired(nowMs: number): T[] {
    const dueMs = this.nextMs();
    if (dueMs === null || dueMs > nowMs) return [];
    const due = this.takeDue(nowMs);
    if (nowMs - dueMs <= this.toleranceMs) return due;
    for (const thing of due) this.renew(thing, nowMs, 0);
    return [];
  }

  /** Everything in order of expiry, for reports. */
  *entries(): Iterable<[expiresAtMs: number, things: T[]]> {
    const byTime = new Map<number, T[]>();
    for (const [bucketMs, things] of this.buckets) {
      for (const thing of things) {
        if (thing.bucketMs !== bucketMs) continue;
        const group = byTime.get(thing.expiresAtMs);
        if (group === undefined) byTime.set(thing.expiresAtMs, [thing]);
        else group.push(thing);
      }
    }
    for (const time of [...byTime.keys()].sort((a, b) => a - b)) yield [time, byTime.get(time)!];
  }

  private takeDue(nowMs: number): T[] {
    const due: T[] = [];
    for (let bucketMs = this.nextMs(); bucketMs !== null && bucketMs <= nowMs; bucketMs = this.nextMs()) {
      const things = this.buckets.get(bucketMs)!;
      this.buckets.delete(bucketMs);
      for (const thing of things) {
        if (thing.bucketMs !== bucketMs) continue;
        if (thing.expiresAtMs > bucketMs) {
          this.put(thing, thing.expiresAtMs);
        } else {
          thing.bucketMs = 0;
          due.push(thing);
        }
      }
    }
    return due;
  }

  private put(thing: T, bucketMs: number): void {
    thing.bucketMs = bucketMs;
    const bucket = this.buckets.get(bucketMs);
    if (bucket === undefined) this.buckets.set(bucketMs, [thing]);
    else bucket.push(thing);
  }
}
