import type { QuorumConfig } from '../quorum/types.js';
import type { ServerId } from './env.js';
import type { Proposal, Request } from './proposal.js';

/** `readOnly`: there is no leader, and nothing can be changed. */
export type ServingRole = 'standalone' | 'leader' | 'follower' | 'observer' | 'readOnly';

/** What there is to know about the members when clients look at them or change them. */
export interface Ensemble {
  /** Committed. */
  readonly config: QuorumConfig;
  /** As it stands in /zookeeper/config. */
  readonly text: string;
  /** Proposed, or the committed one. */
  readonly lastSeen: QuorumConfig;
  /** `reconfigEnabled`. */
  readonly isDynamic: boolean;
  /** Leader: whether a quorum of that configuration follows us and has all that we have. */
  isQuorumSynced(config: QuorumConfig): boolean;
}

/** How the request server gets its writes ordered. Given by the peer for the time of one role. */
export interface Replication {
  readonly role: ServingRole;
  readonly epoch: number;
  /** Null for a server alone. */
  readonly ensemble: Ensemble | null;

  /**
   * Authority (standalone, leader): the zxid of the next transaction, used at once or not asked for.
   * Giving out the last counter of an epoch ends leadership afterwards (ZOOKEEPER-1277).
   */
  nextZxid(): bigint;
  /** Authority: order it. `RequestServer.commit` follows when a quorum has it on disk, unless the role ends first. */
  propose(proposal: Proposal): void;

  /** Learner: to the leader. The answer is a commit with the same session and cxid. */
  forward(request: Request): void;
  /** Learner: is this session alive, and mine from now on? Answered by `RequestServer.revalidated`. */
  revalidate(sessionId: bigint, timeoutMs: number): void;

  /**
   * All roles: answered by `RequestServer.synced`, never from inside this call, once all that the leader had proposed at the time it saw the
   * request is applied here, and the leader has proved since then that it still leads.
   */
  sync(request: Request): void;
}

/**
 * The half of a server that faces clients: connections, sessions, preparation, reads, replies, watches.
 * All calls are made by the peer (or by the runtime through the peer), never re-entrantly from an effect.
 */
export interface RequestServer {
  startServing(replication: Replication): void;
  /** Ends the role: every client is disconnected (sessions stay), nothing pending is remembered. */
  stopServing(reason: string): void;

  /** The next committed transaction, in zxid order: apply to the database, answer its client, fire watches. */
  commit(proposal: Proposal): void;

  /** Leader: a learner's client wants this. The learner answers its client when it sees the commit. */
  learnerRequest(from: ServerId, request: Request): void;
  /** Leader: sessions a learner has heard from since its last ping. */
  learnerTouched(from: ServerId, sessions: readonly TouchedSession[]): void;
  /** Leader: a client came to learner `from` with this session. True: alive, now owned by `from`. */
  learnerRevalidate(from: ServerId, sessionId: bigint, timeoutMs: number): boolean;

  /** Learner: the leader's answer. */
  revalidated(sessionId: bigint, valid: boolean): void;
  /** Learner: and forgets them. */
  takeTouchedSessions(): readonly TouchedSession[];

  synced(request: Request): void;

  /** Expires sessions, renews deadlines. */
  tick(): void;
  /** When `tick` has work next, on the monotonic clock; `null`: not before another input. */
  wakeAtMs(): number | null;
}

export interface TouchedSession {
  readonly sessionId: bigint;
  readonly timeoutMs: number;
}
