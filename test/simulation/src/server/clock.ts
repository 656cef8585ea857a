/** A server's own clocks: they run a little faster or slower than the world's, and the wall clock jumps. */
import { VIRTUAL_EPOCH_MS, type VirtualTime } from '../engine/virtual-time.js';

export class ServerClock {
  private wallOffsetMs = 0;

  constructor(
    private readonly time: VirtualTime,
    /** Own milliseconds in one of the world's. */
    readonly rate: number,
  ) {}

  monotonicMs(): number {
    return this.time.nowMs * this.rate;
  }

  wallMs(): number {
    return VIRTUAL_EPOCH_MS + Math.floor(this.time.nowMs) + this.wallOffsetMs;
  }

  /** How long the world has to wait for this clock to show that time. */
  untilMs(monotonicMs: number): number {
    return monotonicMs / this.rate - this.time.nowMs;
  }

  jumpWall(byMs: number): void {
    this.wallOffsetMs += byMs;
  }
}
