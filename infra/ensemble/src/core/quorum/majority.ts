/** More than half of the voters. Source: QuorumMaj.java. */
import assert from 'node:assert';
import type { ServerId } from '../contract/index.js';
import type { QuorumVerifier } from './verifier.js';

export class MajorityQuorum implements QuorumVerifier {
  private readonly needed: number;
  /** Reused by every call: none of them gives control away. */
  private readonly sorted: number[];

  constructor(readonly voters: readonly ServerId[]) {
    assert(voters.length > 0, 'expected at least one voter, got 0');
    this.needed = Math.floor(voters.length / 2) + 1;
    this.sorted = voters.map(() => 0);
  }

  weightOf(server: ServerId): number {
    return this.voters.includes(server) ? 1 : 0;
  }

  containsQuorum(servers: ReadonlySet<ServerId>): boolean {
    let count = 0;
    for (const voter of this.voters) if (servers.has(voter)) count++;
    return count >= this.needed;
  }

  reachedByQuorum(reached: readonly number[]): number {
    const { sorted } = this;
    assert(reached.length === sorted.length, `expected ${sorted.length} numbers, got ${reached.length}`);
    // By insertion, largest first: there are three or five of them.
    for (let i = 0; i < reached.length; i++) {
      const value = reached[i]!;
      let at = i;
      while (at > 0 && sorted[at - 1]! < value) {
        sorted[at] = sorted[at - 1]!;
        at--;
      }
      sorted[at] = value;
    }
    return sorted[this.needed - 1]!;
  }
}
