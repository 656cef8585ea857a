/**
 * The end of a turn of the event loop: everything that came in was given to the core, what came of it leaves together.
 *
 * `setImmediate` runs when all sockets and files that were ready have been served, so one flush covers them all; on an
 * idle server it runs at once.
 */
export class Turn {
  private isDue = false;

  constructor(private readonly flush: () => void) {}

  /** Something came in already, so that what stands before the first input has been done. */
  get hasBegun(): boolean {
    return this.isDue;
  }

  /** There is something to flush when this turn ends. */
  touch(): void {
    if (this.isDue) return;
    this.isDue = true;
    setImmediate(this.end);
  }

  private readonly end = (): void => {
    this.isDue = false;
    this.flush();
  };
}

/** One timer for whatever the core wants to be woken for next. */
export class WakeUp {
  private timer: NodeJS.Timeout | null = null;
  private setForMs = Number.POSITIVE_INFINITY;
  private closed = false;

  constructor(
    private readonly monotonicMs: () => number,
    private readonly wake: () => void,
  ) {}

  /** How much later than asked for it is now: much, if the process stood still. */
  overdueMs(): number {
    return this.monotonicMs() - this.setForMs;
  }

  /** An earlier time replaces a later one; a later one is asked for again when the timer fires. */
  at(wakeAtMs: number | null): void {
    if (wakeAtMs === null || wakeAtMs >= this.setForMs || this.closed) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.setForMs = wakeAtMs;
    this.timer = setTimeout(this.fire, Math.max(0, Math.ceil(wakeAtMs - this.monotonicMs())));
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private readonly fire = (): void => {
    this.timer = null;
    this.setForMs = Number.POSITIVE_INFINITY;
    this.wake();
  };
}
