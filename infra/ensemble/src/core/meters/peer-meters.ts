/** What a peer counts of its roles. Counters never fall; times are milliseconds. Source: ServerMetrics.java. */
import { Summary } from './summary.js';

export class PeerMeters {
  /** How often this server began to look for a leader. */
  looking = 0;
  /** As leader: learners brought here by a snapshot, and by transactions. */
  snapshotSyncs = 0;
  diffSyncs = 0;
  proposals = 0;
  commits = 0;
  disloyalVoters = 0;
  /** As leader: sessions that came to a learner and were asked about. */
  revalidations = 0;
  /** As learner. */
  proposalsReceived = 0;
  commitsReceived = 0;
  readonly electionTime = new Summary();
  /** From the leader named to serving with its history. */
  readonly followerSyncTime = new Summary();
  readonly observerSyncTime = new Summary();
  /** From the end of serving to its next beginning; the second, if it leads then. */
  readonly unavailableTime = new Summary();
  readonly leaderUnavailableTime = new Summary();
  /** Since when nobody is served; null while somebody is, and before the start. */
  private unavailableSinceMs: number | null = null;

  noteService(isServing: boolean, isLeading: boolean, nowMs: number): void {
    if (!isServing) {
      this.unavailableSinceMs ??= nowMs;
      return;
    }
    if (this.unavailableSinceMs === null) return;
    const unavailableMs = nowMs - this.unavailableSinceMs;
    this.unavailableSinceMs = null;
    this.unavailableTime.add(unavailableMs);
    if (isLeading) this.leaderUnavailableTime.add(unavailableMs);
  }
}
