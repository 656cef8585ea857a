/**
 * How far the log of each follower has come, and up to where a quorum has come with it.
 *
 * A server that acknowledges a transaction has everything before it, so one number a server says all. While the members
 * change there are two configurations: what was proposed before the change needs a quorum of the old one, the change and
 * everything behind it one of each. Source: Leader.propose, tryToCommit; SyncedLearnerTracker.java.
 */
import assert from 'node:assert';
import type { ServerId } from '../../contract/index.js';
import type { QuorumVerifier } from '../../quorum/verifier.js';

export class Acknowledgements {
  /** Highest counter of this epoch that each server has on disk; 0 for none. One entry a server id, never removed. */
  private readonly reached: number[] = [];
  private readonly positions = new Map<ServerId, number>();
  private current: Tally;
  /** Counter of the change that is on its way, and its configuration. Invariant: at most one at a time. */
  private change: { readonly counter: number; readonly tally: Tally } | null = null;

  constructor(verifier: QuorumVerifier) {
    this.current = this.tallyOf(verifier);
  }

  /** What the server had before it went away counts again when it says so again. */
  restart(server: ServerId): void {
    this.reached[this.positionOf(server)] = 0;
  }

  /** @returns whether that is more than it had */
  acknowledge(server: ServerId, counter: number): boolean {
    const position = this.positionOf(server);
    if (counter <= this.reached[position]!) return false;
    this.reached[position] = counter;
    return true;
  }

  /** The highest counter that every quorum which has to has reached. */
  get committable(): number {
    const { change } = this;
    const old = this.current.count(this.reached);
    if (change === null || old < change.counter) return old;
    return Math.max(change.counter - 1, Math.min(old, change.tally.count(this.reached)));
  }

  /** Before anything is proposed: those members count. */
  countBy(verifier: QuorumVerifier): void {
    this.current = this.tallyOf(verifier);
  }

  beginChange(counter: number, verifier: QuorumVerifier): void {
    assert(this.change === null, `expected one change of the members at a time, got one at ${this.change?.counter}`);
    this.change = { counter, tally: this.tallyOf(verifier) };
  }

  /** The change is committed: only its configuration counts. */
  endChange(): void {
    assert(this.change !== null, 'expected a change of the members, got the end of none');
    this.current = this.change.tally;
    this.change = null;
  }

  /** Of those servers the one that has acknowledged most, and `counter` at least; the smaller id of two. */
  furthest(servers: readonly ServerId[], counter: number): ServerId | null {
    let best: ServerId | null = null;
    let most = counter - 1;
    for (const server of servers) {
      const reached = this.reached[this.positionOf(server)]!;
      if (reached <= most) continue;
      most = reached;
      best = server;
    }
    return best;
  }

  private positionOf(server: ServerId): number {
    const known = this.positions.get(server);
    if (known !== undefined) return known;
    this.positions.set(server, this.reached.length);
    return this.reached.push(0) - 1;
  }

  private tallyOf(verifier: QuorumVerifier): Tally {
    return new Tally(
      verifier,
      verifier.voters.map((voter) => this.positionOf(voter)),
    );
  }
}

/** One configuration's view of what was reached. */
class Tally {
  /** Reused by every call: none of them gives control away. */
  private readonly ofVoters: number[];

  constructor(
    private readonly verifier: QuorumVerifier,
    /** Of its voters, in their order. */
    private readonly positions: readonly number[],
  ) {
    this.ofVoters = positions.map(() => 0);
  }

  count(reached: readonly number[]): number {
    const { positions, ofVoters } = this;
    for (let i = 0; i < positions.length; i++) ofVoters[i] = reached[positions[i]!]!;
    return this.verifier.reachedByQuorum(ofVoters);
  }
}
