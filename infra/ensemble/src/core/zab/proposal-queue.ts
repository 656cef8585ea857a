/** First in, first out, with nothing moved and nothing allocated once it has its size. */
import assert from 'node:assert';
import type { Proposal } from '../contract/index.js';

const SMALLEST_CAPACITY = 64;

/** Limit: its user's. What waits for a quorum is bounded by the request server's limit of outstanding requests. */
export class ProposalQueue {
  /** A ring; its length is a power of two. */
  private ring: (Proposal | undefined)[] = new Array<Proposal | undefined>(SMALLEST_CAPACITY);
  private head = 0;
  /** Invariant: 0 <= count <= ring.length. */
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(proposal: Proposal): void {
    if (this.count === this.ring.length) this.grow();
    this.ring[(this.head + this.count) & (this.ring.length - 1)] = proposal;
    this.count++;
  }

  first(): Proposal | null {
    return this.count === 0 ? null : this.ring[this.head]!;
  }

  shift(): Proposal {
    if (this.count === 0) assert.fail('expected a proposal in the queue, got none');
    const proposal = this.ring[this.head]!;
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.count--;
    return proposal;
  }

  *[Symbol.iterator](): Iterator<Proposal> {
    for (let i = 0; i < this.count; i++) yield this.ring[(this.head + i) & (this.ring.length - 1)]!;
  }

  private grow(): void {
    const larger = new Array<Proposal | undefined>(this.ring.length * 2);
    for (let i = 0; i < this.count; i++) larger[i] = this.ring[(this.head + i) & (this.ring.length - 1)];
    this.ring = larger;
    this.head = 0;
  }
}
