/** How the calls of one method have gone. Source: `RpcStatus.java`, `ShortestResponseLoadBalance.java` (the window). */
import { strict as assert } from 'node:assert';

/** How long answers count for the mean. */
export const WINDOW_MS = 30_000;

export class MethodStatus {
  /** Invariant: never below 0; one for each call that has begun and not ended. */
  active = 0;
  succeeded = 0;
  failed = 0;
  private windowSinceMs = 0;
  private windowCount = 0;
  private windowElapsedMs = 0;

  begin(): void {
    this.active += 1;
  }

  end(succeeded: boolean, elapsedMs: number, nowMs: number): void {
    this.active -= 1;
    assert(this.active >= 0, `expected a call that has begun, got ${this.active} active`);
    if (!succeeded) {
      this.failed += 1;
      return;
    }
    this.succeeded += 1;
    this.slide(nowMs);
    this.windowCount += 1;
    this.windowElapsedMs += elapsedMs;
  }

  /** Mean of the answers in the window, 0 without any: whoever is not known is tried first. */
  meanMs(nowMs: number): number {
    this.slide(nowMs);
    return this.windowCount === 0 ? 0 : this.windowElapsedMs / this.windowCount;
  }

  private slide(nowMs: number): void {
    if (nowMs - this.windowSinceMs <= WINDOW_MS) return;
    this.windowSinceMs = nowMs;
    this.windowCount = 0;
    this.windowElapsedMs = 0;
  }
}
