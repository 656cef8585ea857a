/** A vote: whom a server wants to lead, and why. Source: Vote.java, FastLeaderElection.totalOrderPredicate. */
import { type Notification, NOTIFICATION_VERSION, ServerState } from '@menagerie/zookeeper-protocol';
import type { Membership } from '../quorum/membership.js';

export interface Vote {
  /** A server id, or `NOBODY`. */
  readonly leader: bigint;
  /** That server's last logged zxid, committed or not; `NO_DATA` for one that is empty and must not decide. */
  readonly zxid: bigint;
  /** The round in which it was cast. */
  readonly electionEpoch: bigint;
  /** That server's current epoch. */
  readonly peerEpoch: bigint;
}

/** What a server votes for that does not vote: an observer. In all three places of its vote. */
export const NOBODY = -0x8000_0000_0000_0000n;

/** zxid of a server that has lost its disk, or never had one, and was not told that this is a new ensemble. */
export const NO_DATA = -1n;

/** Someone's last word: the vote, and in what state the server was when it said so. */
export interface Ballot {
  readonly vote: Vote;
  readonly state: ServerState;
  readonly version: number;
}

/** (epoch, zxid, id), the larger the better; a server without weight can not be elected. */
export function beats(one: Vote, other: Vote, membership: Pick<Membership, 'weightOf'>): boolean {
  if (membership.weightOf(Number(one.leader)) === 0) return false;
  if (one.peerEpoch !== other.peerEpoch) return one.peerEpoch > other.peerEpoch;
  if (one.zxid !== other.zxid) return one.zxid > other.zxid;
  return one.leader > other.leader;
}

/**
 * Whether two ballots are for the same leadership. Of servers that are not looking only leader and epoch are compared:
 * their zxid and round are those of the election they took part in, which newcomers did not (ZOOKEEPER-1732, 1805); and
 * not even the epoch where one of the two comes from a server too old to tell it.
 */
export function agree(one: Ballot, other: Ballot): boolean {
  if (one.vote.leader !== other.vote.leader) return false;
  if (one.state === ServerState.LOOKING || other.state === ServerState.LOOKING) return sameVote(one.vote, other.vote);
  return one.version > 0 !== other.version > 0 || one.vote.peerEpoch === other.vote.peerEpoch;
}

export function sameVote(one: Vote, other: Vote): boolean {
  return (
    one.leader === other.leader &&
    one.zxid === other.zxid &&
    one.electionEpoch === other.electionEpoch &&
    one.peerEpoch === other.peerEpoch
  );
}

export const voteOf = (notification: Notification): Vote => ({
  leader: notification.leader,
  zxid: notification.zxid,
  electionEpoch: notification.electionEpoch,
  peerEpoch: notification.peerEpoch,
});

export const notificationOf = (vote: Vote, state: ServerState, config: string): Notification => ({
  state,
  leader: vote.leader,
  zxid: vote.zxid,
  electionEpoch: vote.electionEpoch,
  peerEpoch: vote.peerEpoch,
  version: NOTIFICATION_VERSION,
  config,
});
