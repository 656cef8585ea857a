/** One session: never back in time, not expired while a server must have heard of it, with its ephemeral nodes. */
import { hex, type Report } from './types.js';
import { SessionWatches } from './watches.js';

export class SessionHistory {
  readonly watches: SessionWatches;
  /** Nodes that live as long as it does, and that nobody deleted. */
  readonly ephemerals = new Set<string>();
  private lastZxid = 0n;
  private timeoutMs = 0;
  /**
   * When the latest request that the leader must have heard of was sent: the session lives a timeout longer at least.
   * Invariant: it never goes back.
   */
  private provenMs = 0;

  constructor(
    readonly client: string,
    private readonly id: bigint,
    private readonly report: Report,
    /** For so long a follower may answer reads before it notices that it has lost its leader. */
    private readonly followerBlindMs: number,
  ) {
    this.watches = new SessionWatches(client, report);
  }

  attached(timeoutMs: number, sentMs: number): void {
    this.timeoutMs = timeoutMs;
    this.provenMs = Math.max(this.provenMs, sentMs);
  }

  /** @param byLeader an answer that takes the leader; a read may come of a follower that has lost it */
  replied(zxid: bigint, sentMs: number, byLeader: boolean): void {
    if (zxid < this.lastZxid) {
      this.report(
        'a session never goes back',
        `${this.client} (${hex(this.id)}) was told ${hex(zxid)} after ${hex(this.lastZxid)}`,
      );
    }
    this.lastZxid = zxid;
    this.provenMs = Math.max(this.provenMs, byLeader ? sentMs : sentMs - this.followerBlindMs);
  }

  /** Its own ephemeral node is not there, says a server to a session that lives. */
  missing(path: string): void {
    if (!this.ephemerals.has(path)) return;
    this.report('an ephemeral node lives as long as its session', `${this.client} (${hex(this.id)}) misses ${path}`);
  }

  expired(nowMs: number): void {
    const early = this.provenMs + this.timeoutMs - nowMs;
    if (early <= 0) return;
    this.report(
      'a session does not expire early',
      `${this.client} (${hex(this.id)}, ${this.timeoutMs} ms) was told so ${Math.round(early)} ms before it could be`,
    );
  }
}
