/** Values over time as count, sum, extremes, and quantiles of the latest ones. Source: AvgMinMaxPercentileCounter.java. */

/** So many of the latest values are kept for quantiles. */
const KEPT = 512;

export class Summary {
  count = 0;
  sum = 0;
  max = 0;
  private smallest = Number.POSITIVE_INFINITY;
  /** A ring; made with the first value, since most summaries of a server never get one. */
  private latest: Float64Array | null = null;

  /** 0 before the first value, as all of these. */
  get min(): number {
    return this.count === 0 ? 0 : this.smallest;
  }

  get avg(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  add(value: number): void {
    this.latest ??= new Float64Array(KEPT);
    this.latest[this.count % KEPT] = value;
    this.count++;
    this.sum += value;
    if (value > this.max) this.max = value;
    if (value < this.smallest) this.smallest = value;
  }

  /** @param part 0.5 for the median; of the latest values. NaN before the first. */
  quantile(part: number): number {
    if (this.latest === null || this.count === 0) return Number.NaN;
    const known = this.latest.slice(0, Math.min(this.count, KEPT)).sort();
    return known[Math.min(known.length - 1, Math.floor(part * known.length))]!;
  }

  reset(): void {
    this.count = this.sum = this.max = 0;
    this.smallest = Number.POSITIVE_INFINITY;
    this.latest = null;
  }
}
