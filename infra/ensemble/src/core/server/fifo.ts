/** Of all queues with nothing in them: most connections have none waiting. Invariant: never written to. */
const EMPTY: readonly unknown[] = Object.freeze([]);

/** A queue that does not move its elements on each `shift`. Whoever fills it bounds it. */
export class Fifo<T> {
  private items: (T | undefined)[] = EMPTY as T[];
  private first = 0;

  get length(): number {
    return this.items.length - this.first;
  }

  peek(): T | undefined {
    return this.items[this.first];
  }

  push(item: T): void {
    if (this.items === EMPTY) this.items = [item];
    else this.items.push(item);
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.first];
    this.items[this.first++] = undefined;
    if (this.first === this.items.length) {
      // The array is kept for the next one, unless there was only this one.
      if (this.first === 1) this.items = EMPTY as T[];
      else this.items.length = 0;
      this.first = 0;
    } else if (this.first >= 512 && this.first * 2 >= this.items.length) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return item;
  }

  clear(): void {
    this.items = EMPTY as T[];
    this.first = 0;
  }
}
