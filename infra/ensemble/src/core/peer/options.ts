/** What a peer is made of. */
import type { Database, Env, PeerEffects, RequestServer, ServerId } from '../contract/index.js';
import type { ElectionTiming } from '../election/index.js';
import type { PeerMeters } from '../meters/index.js';
import type { MembershipStore } from '../quorum/membership.js';
import type { QuorumConfig } from '../quorum/types.js';
import type { ZabTiming } from '../zab/role.js';

export interface PeerTiming extends ZabTiming {
  readonly election: ElectionTiming;
}

export interface PeerOptions {
  readonly serverId: ServerId;
  /** Null: this server stands alone. */
  readonly config: QuorumConfig | null;
  /** Where changes of the members are kept (`reconfigEnabled`); without it they stay as they are. */
  readonly memberStore?: MembershipStore | null;
  readonly timing: PeerTiming;
  /** `readonlymode.enabled`: how long there must have been no leader; null: never read-only. */
  readonly readOnlyAfterMs?: number | null;
  /** `syncEnabled`: whether an observer writes a log. */
  readonly observerLogs: boolean;
  /** `observerMasterPort`: as a follower it takes observers. Default false. */
  readonly isObserverMaster?: boolean;
  /** Longest field of a transaction that is taken from a leader. */
  readonly maxFieldBytes: number;
  /** The counter with which a leadership ends; default `LAST_COUNTER`. A test need not count to four billion. */
  readonly lastCounter?: number;
  readonly env: Env;
  readonly effects: PeerEffects;
  readonly database: Database;
  readonly requestServer: RequestServer;
  /** Default: counted and forgotten. */
  readonly meters?: PeerMeters;
}

/** As Apache's, with a tick of 2 s, but for the wait for a leader's port: a second says more than five tries. */
export const DEFAULT_PEER_TIMING: PeerTiming = {
  tickTimeMs: 2000,
  initLimitTicks: 10,
  syncLimitTicks: 5,
  connectLimitMs: 1000,
  disloyalVoterMs: null,
  election: { finalizeWaitMs: 200, minNotificationIntervalMs: 200, maxNotificationIntervalMs: 60_000 },
};
