/** What a peer does between two elections, and what it is given for that. */
import {
  COUNTER_MASK,
  type Database,
  type Env,
  type PeerDescription,
  type PeerEffects,
  type PeerInput,
  type RequestServer,
  type ServerId,
} from '../contract/index.js';
import type { PeerMeters } from '../meters/index.js';
import type { Membership } from '../quorum/membership.js';
import type { History } from './history.js';

/**
 * The last counter of an epoch is never used, for the zxid after it would belong to the next one. Leadership ends this
 * much before it, since a turn may still order what it has begun (ZOOKEEPER-1277).
 */
export const LAST_COUNTER = Number(COUNTER_MASK) - 0x10_0000;

export interface ZabTiming {
  readonly tickTimeMs: number;
  /** For a learner to connect and to take over the leader's history, and for each step to leadership. */
  readonly initLimitTicks: number;
  /** For a learner to be heard from, to hear, and to acknowledge a proposal. */
  readonly syncLimitTicks: number;
  /** For a learner to find the leader's port open; it looks for another leader after that. */
  readonly connectLimitMs: number;
  /** A leader not yet followed gives up when a voter looks again after this; null: it waits for initLimit. */
  readonly disloyalVoterMs: number | null;
}

/** The inputs left to roles: elections, the start and broken disks are the peer's own matter. */
export type RoleInput = Exclude<
  PeerInput,
  { kind: 'start' | 'stoodStill' | 'notification' | 'restore' | 'storageFailed' }
>;

export interface Role {
  readonly kind: 'standalone' | 'leader' | 'learner';
  /** Whether the request server serves: in broadcast, and never before. */
  readonly isServing: boolean;
  step(input: RoleInput): void;
  flush(): void;
  wakeAtMs(): number | null;
  /** Leaves nothing behind but the history: links closed, request server stopped (ZOOKEEPER-4712). */
  end(reason: string): void;
  describe(): Pick<PeerDescription, 'phase' | 'syncMode' | 'learners' | 'pendingSyncs'>;
}

/** Everything a role works with; the same objects for the whole life of a peer. */
export interface RoleContext {
  readonly self: ServerId;
  readonly membership: Membership;
  readonly timing: ZabTiming;
  /** Whether an observer writes its log; without it starts from an older state and costs its leader more. */
  readonly observerLogs: boolean;
  /** Whether a follower takes observers of its own. */
  readonly isObserverMaster: boolean;
  /** Leadership ends when a transaction has got this counter. */
  readonly lastCounter: number;
  /** Longest field of a transaction. */
  readonly maxFieldBytes: number;
  readonly env: Env;
  readonly effects: PeerEffects;
  readonly database: Database;
  readonly requestServer: RequestServer;
  readonly history: History;
  readonly meters: PeerMeters;
  /**
   * The role is over: takes effect when the current input has been dealt with. The first reason stays.
   *
   * @param successor who is to lead next, if the last leader has named one: there is no election then
   */
  readonly abandon: (reason: string, successor?: ServerId) => void;
  /** A leader is established: from now on votes name its epoch, so that newcomers see them agree (ZOOKEEPER-1732). */
  readonly established: (epoch: number) => void;
}
