/** The last few hundred transactions, so that a learner that was away for a moment gets those and no snapshot. */
import { type CommittedLog, followsZxid, type Proposal } from '../contract/index.js';

/** Apache's default and minimum for `zookeeper.commitLogCount`. */
export const DEFAULT_COMMIT_LOG_COUNT = 500;

export class RecentProposals implements CommittedLog {
  /**
   * A ring: entry i is at (first + i) modulo the capacity.
   * Invariant: each entry's zxid follows the one before it, so that what is sent from here has no hole.
   */
  private readonly ring: Proposal[] = [];
  private first = 0;
  private count = 0;

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.count;
  }

  get minZxid(): bigint {
    return this.count === 0 ? 0n : this.at(0).zxid;
  }

  get maxZxid(): bigint {
    return this.count === 0 ? 0n : this.at(this.count - 1).zxid;
  }

  /** A proposal that does not follow the last one empties the log first (ZOOKEEPER-4925). */
  add(proposal: Proposal): void {
    if (this.count > 0 && !followsZxid(proposal.zxid, this.maxZxid)) this.clear();
    if (this.count < this.capacity) {
      this.ring[(this.first + this.count) % this.capacity] = proposal;
      this.count++;
    } else {
      this.ring[this.first] = proposal;
      this.first = (this.first + 1) % this.capacity;
    }
  }

  clear(): void {
    this.ring.length = 0;
    this.first = 0;
    this.count = 0;
  }

  *entries(): Iterable<Proposal> {
    for (let i = 0; i < this.count; i++) yield this.at(i);
  }

  private at(index: number): Proposal {
    return this.ring[(this.first + index) % this.capacity]!;
  }
}
