/** A value and when it changed: what it was at any zxid. */
export class Timeline<T> {
  /** Invariant: rising; `values[i]` holds from `zxids[i]` on. */
  private readonly zxids: number[] = [];
  private readonly values: T[] = [];

  set(zxid: number, value: T): void {
    const last = this.zxids.length - 1;
    if (last >= 0 && this.zxids[last] === zxid) this.values[last] = value;
    else {
      this.zxids.push(zxid);
      this.values.push(value);
    }
  }

  get lastZxid(): number {
    return this.zxids.at(-1) ?? 0;
  }

  /** Undefined before the first change. */
  at(zxid: number): T | undefined {
    return this.values[this.indexAt(zxid)];
  }

  /** The first change in (after, until]; null if there is none. */
  firstChange(after: number, until: number): number | null {
    if (this.lastZxid <= after) return null;
    const next = this.zxids[this.indexAt(after) + 1];
    return next !== undefined && next <= until ? next : null;
  }

  /** Of the last change at or before `zxid`; -1 if there is none. Most questions are about the last few changes. */
  private indexAt(zxid: number): number {
    const { zxids } = this;
    let high = zxids.length - 1;
    if (high < 0 || zxids[high]! <= zxid) return high;
    let low = -1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (zxids[middle]! <= zxid) low = middle;
      else high = middle;
    }
    return low;
  }
}
