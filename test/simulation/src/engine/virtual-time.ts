/** Time that passes only when everything due has been done. */

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

export interface Timer {
  cancel(): void;
}

/** More events than this in one simulation mean a loop that feeds itself. */
const MAX_EVENTS = 50_000_000;

/** When virtual time begins, as milliseconds since 1970. */
export const VIRTUAL_EPOCH_MS = 1_700_000_000_000;

const realSetImmediate = setImmediate;

/** Resolves when every promise that can settle without time has settled. */
export const settled = (): Promise<void> => new Promise((resolve) => void realSetImmediate(resolve));

export class VirtualTime {
  /** A binary heap by (atMs, order): what was scheduled first comes first. */
  private readonly heap: Due[] = [];
  private ordered = 0;
  private done = 0;
  private now = 0;
  private hasPromises = false;
  private failure: unknown = null;

  get nowMs(): number {
    return this.now;
  }

  get eventsDone(): number {
    return this.done;
  }

  after(delayMs: number, run: () => void): Timer {
    const due: Due = {
      atMs: this.now + (delayMs > 0 ? delayMs : 0),
      order: this.ordered++,
      run,
      cancelled: false,
    };
    this.push(due);
    return { cancel: () => (due.cancelled = true) };
  }

  /** Somebody's promise was settled: what waits for it goes on before the next event. */
  promisesSettle(): void {
    this.hasPromises = true;
  }

  /** What `work` throws ends the simulation, also where somebody in between would take it for a failure of his own. */
  guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.failure ??= error;
    }
  }

  /** Does everything that is due until then. */
  async runUntil(untilMs: number): Promise<void> {
    if (this.hasPromises) await this.settle();
    for (let next = this.heap[0]; next && next.atMs <= untilMs; next = this.heap[0]) {
      this.pop();
      if (next.cancelled) continue;
      this.do(next);
      if (this.hasPromises) await this.settle();
    }
    this.now = untilMs;
  }

  /** Does the next thing that is due. @returns false if there is none */
  step(): boolean {
    for (let next = this.heap[0]; next; next = this.heap[0]) {
      this.pop();
      if (next.cancelled) continue;
      this.do(next);
      return true;
    }
    return false;
  }

  private do(due: Due): void {
    this.now = due.atMs;
    this.done += 1;
    if (this.done > MAX_EVENTS) throw new Error(`over ${MAX_EVENTS} events: something feeds itself`);
    due.run();
    if (this.failure !== null) throw this.failure;
  }

  private async settle(): Promise<void> {
    while (this.hasPromises) {
      this.hasPromises = false;
      await settled();
      if (this.failure !== null) throw this.failure;
    }
  }

  private push(due: Due): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(due);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent]!;
      if (isBefore(above, due)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
