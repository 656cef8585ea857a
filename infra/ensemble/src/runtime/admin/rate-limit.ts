/** So many in an interval, which begins anew when it has passed. Source: util/RateLimiter.java. */
export class RateLimit {
  private remaining: number;
  private beganMs: number;

  constructor(
    private readonly count: number,
    private readonly intervalMs: number,
    private readonly nowMs: () => number,
  ) {
    this.remaining = count;
    this.beganMs = nowMs();
  }

  allow(): boolean {
    const nowMs = this.nowMs();
    if (nowMs > this.beganMs + this.intervalMs) {
      this.remaining = this.count;
      this.beganMs = nowMs;
    }
    if (this.remaining === 0) return false;
    this.remaining--;
    return true;
  }
}
