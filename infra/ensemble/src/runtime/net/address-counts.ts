/** Connections by where they come from, so that one address does not take them all. */
export class AddressCounts {
  private readonly counts = new Map<string, { readonly address: string; count: number }>();
  private sum = 0;

  get total(): number {
    return this.sum;
  }

  of(address: string): number {
    return this.counts.get(address)?.count ?? 0;
  }

  /** @returns the same text as all before it from there: thousands of connections need not keep one each */
  add(address: string): string {
    this.sum++;
    let entry = this.counts.get(address);
    if (entry === undefined) this.counts.set(address, (entry = { address, count: 0 }));
    entry.count++;
    return entry.address;
  }

  remove(address: string): void {
    this.sum--;
    const entry = this.counts.get(address);
    if (entry !== undefined && --entry.count === 0) this.counts.delete(address);
  }
}
