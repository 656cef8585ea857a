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

export class VirtualTime {
  /** A binary heap by (atMs, order): what was scheduled first comes first. */
  private readonly heap: Due[] = [];
  private ordered = 0;
  private done = 0;
  private now = 0;

  get nowMs(): number {
    return this.now;
  }

  get eventsDone(): number {
    return this.done;
  }

  after(delayMs: number, run: () => void): Timer {
    const due: Due = { atMs: this.now + Math.max(0, delayMs), order: this.ordered++, run, cancelled: false };
    this.push(due);
    return { cancel: () => (due.cancelled = true) };
  }

  /** Does everything that is due until then, or a number of things. */
  runUntil(untilMs: number, count = Number.POSITIVE_INFINITY): void {
    let left = count;
    for (let next = this.heap[0]; next && next.atMs <= untilMs; next = this.heap[0]) {
      if (left-- <= 0) break;
      this.pop();
      if (next.cancelled) continue;
      this.now = next.atMs;
      this.done += 1;
      if (this.done > MAX_EVENTS) throw new Error(`over ${MAX_EVENTS} events: something feeds itself`);
      next.run();
    }
    this.now = untilMs;
  }

  /** Does the next thing that is due. @returns false if there is none */
  step(): boolean {
    for (let next = this.heap[0]; next; next = this.heap[0]) {
      if (next.cancelled) this.pop();
      else {
        this.runUntil(next.atMs, 1);
        return true;
      }
    }
    return false;
  }

  private before(a: number, b: number): boolean {
    const [x, y] = [this.heap[a] as Due, this.heap[b] as Due];
    return x.atMs < y.atMs || (x.atMs === y.atMs && x.order < y.order);
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b] as Due, this.heap[a] as Due];
  }

  private push(due: Due): void {
    this.heap.push(due);
    for (let at = this.heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.before(at, parent)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private pop(): void {
    const last = this.heap.pop() as Due;
    if (this.heap.length === 0) return;
    this.heap[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.heap.length && this.before(child, least)) least = child;
      }
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }
}
