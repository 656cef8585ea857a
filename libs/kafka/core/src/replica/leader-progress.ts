/**
 * A leader's view of its followers: how far each has come, who is in sync, and how far the partition is committed
 * (Partition, Replica). Pure: time and the log's end are arguments.
 */

interface Follower {
  /** Where it fetches from: it has everything before. */
  endOffset: number;
  /** When it last had everything that the leader had at that moment. */
  caughtUpMs: number;
  lastFetchMs: number;
  /** The leader's end when it last fetched. */
  leaderEndAtFetch: number;
}

export class LeaderProgress {
  private readonly followers = new Map<number, Follower>();

  /**
   * @param followerIds the other replicas
   * @param nowMs nobody is behind yet: each has from now on the time that a follower is given
   */
  constructor(
    followerIds: readonly number[],
    private readonly epochStartOffset: number,
    nowMs: number,
  ) {
    this.setFollowers(followerIds, nowMs);
  }

  setFollowers(ids: readonly number[], nowMs: number): void {
    for (const id of this.followers.keys()) if (!ids.includes(id)) this.followers.delete(id);
    for (const id of ids) {
      if (!this.followers.has(id)) {
        this.followers.set(id, { endOffset: -1, caughtUpMs: nowMs, lastFetchMs: nowMs, leaderEndAtFetch: 0 });
      }
    }
  }

  /** @returns false for somebody who is no replica */
  fetched(id: number, fetchOffset: number, leaderEndOffset: number, nowMs: number): boolean {
    const follower = this.followers.get(id);
    if (follower === undefined) return false;
    // Having read up to where the leader was at its last fetch, it was in sync at that time (Replica.updateFetchState).
    if (fetchOffset >= leaderEndOffset) follower.caughtUpMs = Math.max(follower.caughtUpMs, nowMs);
    else if (fetchOffset >= follower.leaderEndAtFetch) {
      follower.caughtUpMs = Math.max(follower.caughtUpMs, follower.lastFetchMs);
    }
    follower.endOffset = fetchOffset;
    follower.lastFetchMs = nowMs;
    follower.leaderEndAtFetch = leaderEndOffset;
    return true;
  }

  endOffsetOf(id: number): number {
    return this.followers.get(id)?.endOffset ?? -1;
  }

  /** The smallest end of those in sync, the leader included: nothing below it can be lost while one of them lives. */
  committedOffset(isr: readonly number[], leaderEndOffset: number): number {
    let offset = leaderEndOffset;
    for (const id of isr) {
      const follower = this.followers.get(id);
      if (follower !== undefined) offset = Math.min(offset, Math.max(0, follower.endOffset));
    }
    return offset;
  }

  /** May join: it has all that is committed, and has read into this leader's own epoch. */
  mayJoin(id: number, highWatermark: number): boolean {
    const end = this.endOffsetOf(id);
    return end >= highWatermark && end >= this.epochStartOffset;
  }

  /** Those in the ISR who were not in sync for longer than `maxLagMs`. */
  laggards(isr: readonly number[], leaderEndOffset: number, nowMs: number, maxLagMs: number): readonly number[] {
    return isr.filter((id) => {
      const follower = this.followers.get(id);
      return follower !== undefined && follower.endOffset !== leaderEndOffset && nowMs - follower.caughtUpMs > maxLagMs;
    });
  }
}
