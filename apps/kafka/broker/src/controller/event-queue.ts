/** A controller does one thing at a time, in the order in which it learned of them (ControllerEventManager). */

/** More than that cannot be caught up with; the next controller reads everything anew. */
const MAX_QUEUED = 10_000;

interface Event {
  readonly name: string;
  readonly run: () => Promise<void>;
}

export class EventQueue {
  private readonly events: Event[] = [];
  private running = false;
  private isClosed = false;

  /** @param onFailure told of the first event that fails; the queue is closed by then */
  constructor(private readonly onFailure: (name: string, error: unknown) => void) {}

  /** A waiting event of the same name is enough for both, if `once`. */
  add(name: string, run: () => Promise<void>, options: { readonly once?: boolean } = {}): void {
    if (this.isClosed) return;
    if (options.once === true && this.events.some((event) => event.name === name)) return;
    if (this.events.length >= MAX_QUEUED) return this.fail(name, new Error(`${MAX_QUEUED} events wait`));
    this.events.push({ name, run });
    if (!this.running) void this.work();
  }

  /** Runs it in its turn. Rejects when it fails, or when the queue is closed before. */
  call<T>(name: string, run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.isClosed) return reject(new Error('no longer the controller'));
      this.waiting.add(reject);
      this.add(name, () =>
        run()
          .then(resolve, (error: unknown) => {
            reject(error as Error);
            throw error;
          })
          .finally(() => this.waiting.delete(reject)),
      );
    });
  }

  private readonly waiting = new Set<(error: Error) => void>();

  close(): void {
    this.isClosed = true;
    this.events.length = 0;
    for (const reject of this.waiting) reject(new Error('no longer the controller'));
    this.waiting.clear();
  }

  private async work(): Promise<void> {
    this.running = true;
    for (let event = this.events.shift(); event !== undefined; event = this.events.shift()) {
      try {
        await event.run();
      } catch (error) {
        if (!this.isClosed) this.fail(event.name, error);
      }
    }
    this.running = false;
  }

  private fail(name: string, error: unknown): void {
    this.close();
    this.onFailure(name, error);
  }
}
