/**
 * How long a ResourceManager that lost sight of ZooKeeper may go on before it steps down: one session timeout, for by
 * then its lock may be gone (YARN-5677). It keeps answering meanwhile; nothing it does can reach the store anyway.
 */
export class NeutralTimer {
  /** Invariant: the end of the first period of neutrality that was not called off, or null. */
  private dueAtMs: number | null = null;

  constructor(private readonly sessionTimeoutMs: number) {}

  /** Entering again while it runs changes nothing. */
  entered(nowMs: number): void {
    this.dueAtMs ??= nowMs + this.sessionTimeoutMs;
  }

  /** Active or standby: either way it is known again who we are. */
  settled(): void {
    this.dueAtMs = null;
  }

  /** Milliseconds left, or null when it does not run. */
  remainingMs(nowMs: number): number | null {
    return this.dueAtMs === null ? null : Math.max(0, this.dueAtMs - nowMs);
  }
}
