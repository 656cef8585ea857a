/** What an allocator says of itself over HTTP: the shapes, for those who answer and those who ask. */
import type { HistoryEntry } from '../history/history.js';
import type { AllocatorLeader, Assignment, CollectorStatus, Settings } from '../layout/payloads.js';
import type { Verdict } from '../liveness/liveness.js';
import type { AllocatorEvent } from './allocator-machine.js';

/** What learning of reports has cost since this allocator began to lead. */
export interface FeedCost {
  reads: number;
  notifications: number;
}

export interface CollectorView {
  readonly id: string;
  readonly verdict: Verdict;
  readonly list: Assignment;
  /** Its own estimate, 0 to 1 of what it can carry. */
  readonly load: number;
  readonly lagBytes: number;
  /** Null before its first report. */
  readonly reportAgeMs: number | null;
}

export interface ReignView {
  readonly polls: number;
  /** Sources that went to another collector than before. */
  readonly moves: number;
  readonly writes: number;
  /** Writes that came too late: the poll was repeated. */
  readonly conflicts: number;
  readonly inTransit: number;
  readonly frozen: boolean;
  /** Largest weight of a living collector over the mean. */
  readonly imbalance: number;
  readonly cost: FeedCost;
  readonly settings: Settings;
  readonly collectors: readonly CollectorView[];
  /** Sources that nobody collects. */
  readonly unassigned: readonly string[];
  readonly sources: number;
}

/** `GET /state` */
export interface AllocatorStateView {
  readonly role: 'leader' | 'standby';
  readonly leader: AllocatorLeader | null;
  /** Only from the leader. */
  readonly reign?: ReignView;
}

/** `GET /history`: any allocator may be asked. */
export interface HistoryView {
  readonly base: HistoryEntry;
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
}

/** One of `GET /events`. */
export type TimedEvent = AllocatorEvent & { readonly atMs: number };

/** `GET /duties` of a collector. */
export interface DutiesView {
  readonly list: Assignment;
  readonly status: CollectorStatus;
  /** Reported lately; if not, the list is what was true last. */
  readonly confirmed: boolean;
  /** How often this process was found to have been stopped. */
  readonly pauses: number;
  /** Sources that somebody with a later generation has taken, by the word of the sink. */
  readonly fenced: readonly string[];
  /** How often the sink has refused it for that, since it was started. */
  readonly refusals: number;
  readonly lostBytes: number;
}
