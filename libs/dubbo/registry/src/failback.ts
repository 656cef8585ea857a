/** What could not be done is done later: every 5 s, without a limit on tries. Source: `FailbackRegistry.java`. */

export const RETRY_MS = 5_000;

/** Tasks by key: the last word on each counts. */
export class Failback {
  private readonly tasks = new Map<string, () => Promise<void>>();
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly retryMs: number,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  get size(): number {
    return this.tasks.size;
  }

  add(key: string, task: () => Promise<void>): void {
    if (this.closed) return;
    this.tasks.set(key, task);
    this.timer ??= setTimeout(() => void this.retry(), this.retryMs).unref();
  }

  remove(key: string): void {
    this.tasks.delete(key);
  }

  /** All of them once, now; what fails stays. */
  async retry(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.running ??= this.runAll().finally(() => (this.running = null));
    await this.running;
    if (this.tasks.size > 0 && !this.closed) {
      this.timer ??= setTimeout(() => void this.retry(), this.retryMs).unref();
    }
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.tasks.clear();
  }

  private async runAll(): Promise<void> {
    for (const [key, task] of [...this.tasks]) {
      if (this.closed) return;
      try {
        await task();
        // Only if nothing newer was asked for meanwhile.
        if (this.tasks.get(key) === task) this.tasks.delete(key);
      } catch (error) {
        this.onFailure(error);
      }
    }
  }
}
