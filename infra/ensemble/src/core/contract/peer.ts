import type { Notification, QuorumPacket, SnapshotItem } from '@menagerie/zookeeper-protocol';
import type { Membership } from '../quorum/membership.js';
import type { QuorumConfig } from '../quorum/types.js';
import type { Database } from './database.js';
import type { ServerId } from './env.js';
import type { Proposal } from './proposal.js';

/** A connection from a learner to us as leader. Unique in this server's life. */
export type LearnerLink = number;
export type EpochKind = 'accepted' | 'current';

/**
 * What can happen to a peer. Everything it does is a function of these, in this order. Answers of the storage
 * (`durable`, `epochSaved`, `truncated`, `reloaded`, `logRead`, `snapshotSaved`) come in the order of the calls.
 */
export type PeerInput =
  /**
   * Recovery is over: the database holds what the disk held. `lastLoggedZxid` is what the vote uses; `seenConfig` a
   * configuration that was proposed or committed, if the disk holds one.
   */
  | {
      kind: 'start';
      lastLoggedZxid: bigint;
      acceptedEpoch: number;
      currentEpoch: number;
      seenConfig?: QuorumConfig | null;
    }
  | { kind: 'tick' }
  /**
   * Before the first input after this server stood still (a stopped process, a busy machine): a role makes sure that it
   * still holds before anybody is answered. Not a tick: sessions are not judged while what clients sent is unread.
   */
  | { kind: 'stoodStill' }
  /** Everything appended up to and including `zxid` would survive a power failure. */
  | { kind: 'durable'; zxid: bigint }
  | { kind: 'epochSaved'; which: EpochKind; epoch: number }
  /** What `truncateLog` came to; `null`: nothing was changed, since log and snapshots can not give exactly that state. */
  | { kind: 'truncated'; zxid: bigint | null }
  /** The database holds what the disk holds, up to `zxid`. */
  | { kind: 'reloaded'; zxid: bigint }
  /** Answer to `readLog`; `records` is `null` when the log does not hold `fromZxid` itself or too much after it. */
  | { kind: 'logRead'; token: number; records: readonly Proposal[] | null }
  | { kind: 'snapshotSaved'; token: number; zxid: bigint }
  /**
   * An operator brings another state, whole and found right. Serving ends, it takes the place of ours on the disk, and
   * serving begins again. Only in `broadcast`.
   */
  | { kind: 'restore'; state: Database }
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
  /**
   * Cut everything after `zxid`, drop snapshots beyond it, reload the database. `truncated` follows.
   *
   * Only if what remains is exactly the history up to `zxid`: the log holds that very transaction or a snapshot has that
   * very zxid; or, for an (epoch, 0), which is no transaction, no snapshot lies beyond it. Anything else would lose
   * transactions this server has acknowledged (after a SNAP the log has a hole in front of the snapshot), and a server
   * that forgets those can vote a committed transaction away. The peer asks the leader for a snapshot then.
   */
  truncateLog(zxid: bigint): void;
  /** Fill the database again from the disk, after a snapshot from the leader broke off. `reloaded` follows. */
  reloadDatabase(): void;
  /** Read (fromZxid, toZxid] back, including what was appended just now. `logRead` follows. */
  readLog(token: number, fromZxid: bigint, toZxid: bigint): void;
  /** Durable, by rename, directory included. `epochSaved` follows. */
  saveEpoch(which: EpochKind, epoch: number): void;
  /**
   * Write the database as it is now, durable, and make it the state to recover from: then cut records with a later zxid
   * off the log, then drop snapshots with a later zxid, in this order, so that a crash between any two leaves either the
   * old history or the new one. Then drop what is earlier, log and snapshots: there is a hole between them and this
   * snapshot, and no zxid tells (the first of a later epoch may follow the last of any earlier one), so a `readLog` or
   * a recovery from further back would pass over it. A recovery that finds a snapshot whose zxid the log does not hold
   * does this last step again. Nothing is appended meanwhile. `snapshotSaved` follows.
   */
  saveSnapshot(token: number): void;

  sendNotification(to: ServerId, notification: Notification): void;

  /** Dials until the leader takes the call. `leaderConnected` follows, and `leaderClosed` when that connection ends. */
  connectToLeader(leader: ServerId): void;
  sendToLeader(bytes: Buffer): void;
  /** Also gives up dialling. Nothing of that connection is handed over afterwards, `leaderClosed` neither. */
  disconnectFromLeader(reason: string): void;

  /**
   * Whether connections of learners are taken: as leader on the quorum port, as a follower that has observers of its own
   * on the port for them. `false` leaves those that are there to `closeLearner`.
   */
  acceptLearners(accept: boolean, as?: 'leader' | 'observers'): void;
  sendToLearner(link: LearnerLink, bytes: Buffer): void;
  /**
   * Stream the database as it is now (a SNAP body with its signature); what is sent later goes out behind it.
   * When too many snapshots are running the link is closed instead, and the learner comes again.
   */
  streamSnapshotToLearner(link: LearnerLink): void;
  /** Flushes what was sent, then closes. Nothing of that connection is handed over afterwards, `learnerClosed` neither. */
  closeLearner(link: LearnerLink, reason: string): void;

  /** A state that must not go on. The process exits with this line. */
  halt(reason: string): void;
}

/** One server's part in the quorum, from LOOKING to BROADCAST and back. */
export interface Peer {
  step(input: PeerInput): void;
  /**
   * Sends what was gathered for other servers. Called once at the end of every turn of the event loop that brought
   * inputs or client frames, so that a turn's proposals, commits, acknowledgements and forwarded requests leave as one
   * buffer each.
   */
  flush(): void;
  /**
   * When a `tick` is due next on the monotonic clock, the request server's included; `null`: not before another input.
   * To be asked again after each turn. A `tick` runs `RequestServer.tick` too.
   */
  wakeAtMs(): number | null;
  describe(): PeerDescription;
  /** Null for a server alone. Never changed from outside. */
  readonly membership: Membership | null;
}

export type PeerState = 'looking' | 'following' | 'leading' | 'observing' | 'standalone';
export type ZabPhase = 'election' | 'discovery' | 'synchronization' | 'broadcast';

/** For `srvr`, `mntr`, `zabstate` and the console. */
export interface PeerDescription {
  readonly serverId: ServerId;
  readonly state: PeerState;
  /** In `broadcast` (and nowhere else) the database holds committed transactions only: the time for periodic snapshots. */
  readonly phase: ZabPhase;
  /** While looking: clients that asked for no more are shown what this server has. */
  readonly isReadOnly: boolean;
  readonly syncMode: 'none' | 'diff' | 'snap' | 'trunc';
  readonly leader: ServerId | null;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  readonly lastLoggedZxid: bigint;
  readonly lastCommittedZxid: bigint;
  readonly outstandingProposals: number;
  /** Leader only. */
  readonly learners: readonly { serverId: ServerId; role: 'participant' | 'observer'; synced: boolean }[];
  /** Of clients, unanswered yet. */
  readonly pendingSyncs: number;
  readonly electionTimeMs: number | null;
}
