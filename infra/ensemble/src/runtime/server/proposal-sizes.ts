/** Sizes of what was proposed while leading, as `srvr` shows them. Source: BufferStats.java. */
export class ProposalSizes {
  /** -1: none yet. */
  last = -1;
  min = -1;
  max = -1;
  count = 0;

  add(bytes: number): void {
    this.last = bytes;
    this.count++;
    if (this.min < 0 || bytes < this.min) this.min = bytes;
    if (bytes > this.max) this.max = bytes;
  }

  reset(): void {
    this.count = 0;
    this.last = this.min = this.max = -1;
  }
}
