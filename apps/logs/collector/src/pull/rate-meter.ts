/** Lines a second, smoothed over about ten seconds, so that a burst does not look like a new habit. */

const TIME_CONSTANT_MS = 10_000;

export class RateMeter {
  private rate = 0;
  private pending = 0;
  private atMs: number | null = null;

  add(lines: number, nowMs: number): void {
    this.settle(nowMs);
    this.pending += lines;
  }

  perSecond(nowMs: number): number {
    this.settle(nowMs);
    return Math.round(this.rate * 10) / 10;
  }

  private settle(nowMs: number): void {
    if (this.atMs === null) this.atMs = nowMs;
    const passedMs = nowMs - this.atMs;
    if (passedMs < 1_000) return;
    const weight = 1 - Math.exp(-passedMs / TIME_CONSTANT_MS);
    this.rate += ((this.pending * 1_000) / passedMs - this.rate) * weight;
    this.pending = 0;
    this.atMs = nowMs;
  }
}
