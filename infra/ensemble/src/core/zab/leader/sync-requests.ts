/**
 * Answers to `sync`: after everything proposed before it has been committed, and after this server has proved that it
 * still led when the sync came.
 *
 * A leader that was replaced does not know it; Apache's answers a sync with nothing outstanding at once, and the reader
 * behind it may then miss a write that the new leader has acknowledged. Here an answer waits for a round of PINGs that
 * was begun after the sync came: who answers had promised no later epoch by then, so with a quorum of answers nobody
 * could have led a later one. One round serves all syncs that came before it; the next begins when it is over.
 *
 * A commit proves the same of every sync that is older than its proposal, and answers them before it goes out itself: a
 * learner matches commits to the requests of its clients in their order, and a write must not overtake the sync before.
 */
import type { LearnerLink, Request } from '../../contract/index.js';

export interface SyncRequest {
  readonly request: Request;
  /** The learner whose client asks; null: our own client. */
  readonly from: LearnerLink | null;
}

interface Waiting extends SyncRequest {
  /** Must be committed. */
  readonly zxid: bigint;
  /** Must be completed. */
  readonly round: number;
}

export class SyncRequests {
  /**
   * Answered in the order of arrival, as learners expect. Limit: the request server's limit of outstanding requests.
   * Invariant: zxid and round never fall from one entry to the next.
   */
  private waiting: Waiting[] = [];
  private begun = 0;
  private completed = 0;

  get length(): number {
    return this.waiting.length;
  }

  add(sync: SyncRequest, lastProposed: bigint): void {
    this.waiting.push({ ...sync, zxid: lastProposed, round: this.begun + 1 });
  }

  /** Whether a round should begin. */
  get isRoundDue(): boolean {
    return this.begun === this.completed && (this.waiting.at(-1)?.round ?? 0) > this.begun;
  }

  get isRoundRunning(): boolean {
    return this.begun > this.completed;
  }

  beginRound(): void {
    this.begun++;
  }

  completeRound(): void {
    this.completed = this.begun;
  }

  /**
   * Takes out what can be answered now.
   *
   * @param isProved a quorum has just acknowledged a proposal after `lastCommitted`
   */
  take(lastCommitted: bigint, isProved: boolean): readonly SyncRequest[] {
    let count = 0;
    while (count < this.waiting.length) {
      const { zxid, round } = this.waiting[count]!;
      if (zxid > lastCommitted || (!isProved && round > this.completed)) break;
      count++;
    }
    return count === 0 ? [] : this.waiting.splice(0, count);
  }

  /** A learner is gone, and its clients with it. */
  forget(link: LearnerLink): void {
    this.waiting = this.waiting.filter((sync) => sync.from !== link);
  }
}
