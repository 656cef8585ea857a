/** One writer for a row at a time, in the order they came. */
export class RowLocks {
  /** Invariant: a row is here while somebody holds or waits for it. */
  private readonly tails = new Map<string, Promise<unknown>>();

  async hold<T>(row: Buffer, work: () => Promise<T>): Promise<T> {
    const key = row.toString('latin1');
    const before = this.tails.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    this.tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.tails.get(key) === mine) this.tails.delete(key);
    }
  }

  /** Resolves when everybody who holds or waits now has finished. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.tails.values());
  }
}
