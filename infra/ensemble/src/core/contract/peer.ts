import type { Notification, QuorumPacket, SnapshotItem } from '@menagerie/zookeeper-protocol';
import type { ServerId } from './env.js';
import type { Proposal } from './proposal.js';

/** A connection from a learner to us as leader. Unique in this server's life. */
export type LearnerLink = number;
export type EpochKind = 'accepted' | 'current';

/** What can happen to a peer. Everything it does is a function of these, in this order. */
export type PeerInput =
  /** Recovery is over: the database holds what the disk held. `lastLoggedZxid` is what the vote uses. */
  | { kind: 'start'; lastLoggedZxid: bigint; acceptedEpoch: number; currentEpoch: number }
  | { kind: 'tick' }
  /** Everything appended up to and including `zxid` would survive a power failure. */
  | { kind: 'durable'; zxid: bigint }
  | { kind: 'epochSaved'; which: EpochKind; epoch: number }
  /** The log ends at `zxid` or before, later snapshots are gone, and the database was reloaded from what is left. */
  | { kind: 'truncated'; zxid: bigint }
  /** Answer to `readLog`; `records` is `null` when the log does not reach back that far or is too large. */
  | { kind: 'logRead'; token: number; records: readonly Proposal[] | null }
  | { kind: 'snapshotSaved'; token: number; zxid: bigint }
  /** A disk said no. Serving ends at once. */
  | { kind: 'storageFailed'; what: string; error: string }
  | { kind: 'notification'; from: ServerId; notification: Notification }
  /** As learner. */
  | { kind: 'leaderConnected' }
  | { kind: 'leaderPacket'; packet: QuorumPacket }
  | { kind: 'leaderSnapshotItem'; item: SnapshotItem }
  /** The `BenWasHere` after the items was there. */
  | { kind: 'leaderSnapshotEnd' }
  | { kind: 'leaderClosed'; reason: string }
  /** As leader. */
  | { kind: 'learnerConnected'; link: LearnerLink; remoteAddress: string }
  | { kind: 'learnerPacket'; link: LearnerLink; packet: QuorumPacket }
  | { kind: 'learnerClosed'; link: LearnerLink; reason: string };

/**
 * What a peer wants done. None of these may call back into the peer; what comes of them arrives as an input later.
 * Bytes handed over are never changed afterwards.
 */
export interface PeerEffects {
  /** In zxid order. Group-committed by the runtime; `durable` follows. */
  appendToLog(zxid: bigint, bytes: Buffer): void;
  /** Cut everything after `zxid`, drop snapshots beyond it, reload the database. `truncated` follows. */
  truncateLog(zxid: bigint): void;
  /** Read (fromZxid, toZxid] back. `logRead` follows. */
  readLog(token: number, fromZxid: bigint, toZxid: bigint): void;
  /** Durable, by rename, directory included. `epochSaved` follows. */
  saveEpoch(which: EpochKind, epoch: number): void;
  /** Write the database as it is now, durable. `snapshotSaved` follows. */
  saveSnapshot(token: number): void;

  sendNotification(to: ServerId, notification: Notification): void;

  /** `leaderConnected` or `leaderClosed` follows. */
  connectToLeader(leader: ServerId): void;
  sendToLeader(bytes: Buffer): void;
  disconnectFromLeader(reason: string): void;

  /** Whether connections on the quorum port are taken. */
  acceptLearners(accept: boolean): void;
  sendToLearner(link: LearnerLink, bytes: Buffer): void;
  /**
   * Stream the database as it is now (a SNAP body with its signature); what is sent later goes out behind it.
   * When too many snapshots are running the link is closed instead, and the learner comes again.
   */
  streamSnapshotToLearner(link: LearnerLink): void;
  closeLearner(link: LearnerLink, reason: string): void;

  /** A state that must not go on. The process exits with this line. */
  halt(reason: string): void;
}

/** One server's part in the quorum, from LOOKING to BROADCAST and back. */
export interface Peer {
  step(input: PeerInput): void;
  /** When a `tick` is due next on the monotonic clock; `null`: not before another input. */
  wakeAtMs(): number | null;
  describe(): PeerDescription;
}

export type PeerState = 'looking' | 'following' | 'leading' | 'observing' | 'standalone';
export type ZabPhase = 'election' | 'discovery' | 'synchronization' | 'broadcast';

/** For `srvr`, `mntr`, `zabstate` and the console. */
export interface PeerDescription {
  readonly serverId: ServerId;
  readonly state: PeerState;
  readonly phase: ZabPhase;
  readonly syncMode: 'none' | 'diff' | 'snap' | 'trunc';
  readonly leader: ServerId | null;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  readonly lastLoggedZxid: bigint;
  readonly lastCommittedZxid: bigint;
  readonly outstandingProposals: number;
  /** Leader only. */
  readonly learners: readonly { serverId: ServerId; role: 'participant' | 'observer'; synced: boolean }[];
  readonly electionTimeMs: number | null;
}
