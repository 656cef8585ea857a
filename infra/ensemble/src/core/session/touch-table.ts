/** The sessions a learner heard from since it last told the leader. Source: LearnerSessionTracker.java. */
import type { TouchedSession } from '../contract/index.js';

export class TouchTable {
  /** Bounded by the number of connections and of sessions created since the leader's last ping. */
  private touched = new Map<bigint, number>();
  /** Counts the calls of `take`, so that a connection can tell cheaply whether it is in the table already. */
  round = 1;

  touch(sessionId: bigint, timeoutMs: number): void {
    this.touched.set(sessionId, timeoutMs);
  }

  remove(sessionId: bigint): void {
    this.touched.delete(sessionId);
  }

  take(): TouchedSession[] {
    const sessions = Array.from(this.touched, ([sessionId, timeoutMs]) => ({ sessionId, timeoutMs }));
    this.touched = new Map();
    this.round++;
    return sessions;
  }
}
