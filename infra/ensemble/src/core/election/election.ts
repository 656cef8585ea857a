/**
 * Fast Leader Election: servers tell each other the best candidate they know until a quorum names the same one.
 *
 * The outcome is a guess that makes progress likely and nothing more: that there is one leader an epoch, and that it has
 * every committed transaction, is settled by the exchange of epochs which follows (zab.md sections 2 and 3).
 *
 * On the wire this is Apache's election (FastLeaderElection.java). Three things are quicker, and no server can tell:
 * - A quorum whose outcome can not change any more is not waited upon: with every voter's word in hand (or with only the
 *   leader missing whose connection was just lost) there is no better candidate left to hear of.
 * - A looking server of our round that knows a worse candidate is told ours at once. It may have come to the election
 *   after our notification had reached it in its former role; else it would hear from us at the next timeout only.
 * - Own votes are counted without a detour through a queue.
 */
import { type Notification, ServerState } from '@menagerie/zookeeper-protocol';
import type { CoreLog, ServerId } from '../contract/index.js';
import type { Membership } from '../quorum/membership.js';
import { Ballots } from './ballots.js';
import { beats, NO_DATA, NOBODY, notificationOf, type Vote, voteOf } from './vote.js';

export interface ElectionTiming {
  /** How long a quorum waits for a better candidate it may not have heard of. Apache: 200. */
  readonly finalizeWaitMs: number;
  /** Notifications are repeated after this, then after twice that, and so on. Apache: 200. */
  readonly minNotificationIntervalMs: number;
  /** Apache: 60,000. */
  readonly maxNotificationIntervalMs: number;
}

export interface ElectionOptions {
  readonly self: ServerId;
  /** May change between two rounds; the text of the current one travels with each notification. */
  readonly membership: Membership;
  readonly timing: ElectionTiming;
  /** Never to this server itself. */
  readonly send: (to: ServerId, notification: Notification) => void;
  readonly log: CoreLog;
}

/** What this server brings into an election. */
export interface Candidacy {
  readonly lastLoggedZxid: bigint;
  readonly currentEpoch: number;
  /** The leader whose connection has just broken: nobody expects to hear from it soon. */
  readonly lostLeader: ServerId | null;
}

/** A voter ballot in the current round is written with this version; only established ones carry their sender's. */
const ROUND_VERSION = 0;

export class Election {
  /** Invariant: never falls in the life of this server. */
  private round = 0n;
  private ownVote: Vote;
  private proposal: Vote;
  private lostLeader: ServerId | null = null;
  /** Votes of this round. */
  private readonly recent: Ballots;
  /** Last words of servers that have a leader, of any round. */
  private readonly established: Ballots;
  private intervalMs = 0;
  private repeatAtMs = 0;
  /** Set while a quorum names our candidate and we listen for a better one. */
  private finalAtMs: number | null = null;
  private decided: Vote | null = null;

  constructor(private readonly options: ElectionOptions) {
    const { membership } = options;
    this.recent = new Ballots(membership, (supporters) => membership.hasQuorum(supporters));
    // A change that we alone have logged must not keep us out: its members may know nothing of it. Whether the leader is
    // one, the discovery of its epoch will show.
    this.established = new Ballots(membership, (supporters) => membership.verifier.containsQuorum(supporters));
    this.ownVote = this.voteOf({ lastLoggedZxid: 0n, currentEpoch: 0, lostLeader: null });
    this.proposal = this.ownVote;
  }

  /** The vote of the leader all agree on; null while looking. */
  get outcome(): Vote | null {
    return this.decided;
  }

  /** The counter of rounds, for answers to servers outside of the ensemble's voters. */
  get logicalClock(): bigint {
    return this.round;
  }

  /** The best candidate known. */
  get currentProposal(): Vote {
    return this.proposal;
  }

  /** Begins a round. */
  start(candidacy: Candidacy, nowMs: number): void {
    this.round += 1n;
    this.ownVote = this.voteOf(candidacy);
    this.proposal = this.ownVote;
    this.lostLeader = candidacy.lostLeader;
    this.decided = null;
    this.finalAtMs = null;
    this.recent.clear();
    this.established.clear();
    this.intervalMs = this.options.timing.minNotificationIntervalMs;
    this.announce(nowMs);
    this.count(nowMs);
  }

  /** While looking. */
  receive(from: ServerId, notification: Notification, nowMs: number): void {
    if (this.decided !== null || from === this.options.self) return;
    const { voters } = this.options.membership;
    if (!voters.includes(from)) return;
    if (notification.leader === NOBODY && notification.state === ServerState.LOOKING) {
      return this.hearUndecided(from, notification.electionEpoch, nowMs);
    }
    if (!voters.includes(Number(notification.leader))) {
      this.options.log.warn('vote for a server that does not vote', { from, leader: notification.leader });
      return;
    }
    switch (notification.state) {
      case ServerState.LOOKING:
        return this.hearLooking(from, notification, nowMs);
      case ServerState.FOLLOWING:
      case ServerState.LEADING:
        return this.hearEstablished(from, notification);
      case ServerState.OBSERVING:
        return;
    }
  }

  tick(nowMs: number): void {
    if (this.decided !== null) return;
    if (this.finalAtMs !== null && nowMs >= this.finalAtMs) return this.decide(this.proposal);
    if (nowMs < this.repeatAtMs) return;
    this.intervalMs = Math.min(this.intervalMs * 2, this.options.timing.maxNotificationIntervalMs);
    this.announce(nowMs);
  }

  wakeAtMs(): number | null {
    if (this.decided !== null) return null;
    return this.finalAtMs === null ? this.repeatAtMs : Math.min(this.finalAtMs, this.repeatAtMs);
  }

  /** Our word in this election, for one server. */
  tell(server: ServerId): void {
    this.options.send(server, notificationOf(this.proposal, ServerState.LOOKING, this.options.membership.text));
  }

  private get isVoter(): boolean {
    return this.options.membership.isVoter;
  }

  /** Whoever will vote once a change is done is needed for its quorum, and does not stand for election itself. */
  private get hasWord(): boolean {
    const { membership, self } = this.options;
    return membership.voters.includes(self) && membership.voters.includes(Number(this.proposal.leader));
  }

  private voteOf({ lastLoggedZxid, currentEpoch }: Candidacy): Vote {
    if (!this.isVoter) return { leader: NOBODY, zxid: NOBODY, electionEpoch: this.round, peerEpoch: NOBODY };
    return {
      leader: BigInt(this.options.self),
      zxid: lastLoggedZxid,
      electionEpoch: this.round,
      peerEpoch: BigInt(currentEpoch),
    };
  }

  /**
   * Of one that gets its vote by a change which is logged and not committed: its word is needed, and it has heard of no
   * candidate in its round. That is joined, or the two would wait for each other for ever if it is the later one. Apache's
   * servers do: they ignore whoever names no voter.
   */
  private hearUndecided(from: ServerId, round: bigint, nowMs: number): void {
    if (this.ownVote.zxid === NO_DATA) return;
    if (round <= this.round) return this.isVoter ? this.tell(from) : undefined;
    this.joinRound(round);
    this.propose(this.ownVote, nowMs);
    this.count(nowMs);
  }

  private joinRound(round: bigint): void {
    this.round = round;
    this.recent.clear();
    this.ownVote = { ...this.ownVote, electionEpoch: round };
  }

  private hearLooking(from: ServerId, notification: Notification, nowMs: number): void {
    const { membership } = this.options;
    const vote = voteOf(notification);
    // A voter behind us is told where we are. Not by observers: a voter answers each of their words, for ever.
    if (vote.electionEpoch < this.round && this.isVoter) this.tell(from);
    if (this.ownVote.zxid === NO_DATA || vote.zxid === NO_DATA || vote.electionEpoch < this.round) return;
    if (vote.electionEpoch > this.round) {
      this.joinRound(vote.electionEpoch);
      this.propose(beats(vote, this.ownVote, membership) ? vote : this.ownVote, nowMs);
    } else if (beats(vote, this.proposal, membership)) {
      this.propose(vote, nowMs);
    } else if (beats(this.proposal, vote, membership)) {
      this.tell(from);
    }
    this.recent.put(from, { vote, state: ServerState.LOOKING, version: ROUND_VERSION });
    this.count(nowMs);
  }

  private hearEstablished(from: ServerId, notification: Notification): void {
    const vote = voteOf(notification);
    const { state, version } = notification;
    const ballot = { vote, state, version };
    const leader = Number(vote.leader);
    if (vote.electionEpoch === this.round) {
      this.recent.put(from, { vote, state, version: ROUND_VERSION });
      if (this.recent.hasQuorumFor(ballot) && this.leads(leader, vote, this.recent)) return this.decide(vote);
    }
    this.established.put(from, ballot);
    if (!this.established.hasQuorumFor(ballot) || !this.leads(leader, vote, this.established)) return;
    this.round = vote.electionEpoch > this.round ? vote.electionEpoch : this.round;
    this.decide(vote);
  }

  /** Without the leader's own word servers would go on electing one that has crashed. */
  private leads(leader: ServerId, vote: Vote, ballots: Ballots): boolean {
    return leader === this.options.self ? vote.electionEpoch === this.round : ballots.saysItLeads(leader);
  }

  private propose(vote: Vote, nowMs: number): void {
    this.proposal = vote;
    this.finalAtMs = null;
    this.announce(nowMs);
  }

  private announce(nowMs: number): void {
    this.repeatAtMs = nowMs + this.intervalMs;
    for (const voter of this.options.membership.voters) if (voter !== this.options.self) this.tell(voter);
    if (this.hasWord && this.proposal.zxid !== NO_DATA) {
      this.recent.put(this.options.self, { vote: this.proposal, state: ServerState.LOOKING, version: ROUND_VERSION });
    }
  }

  private count(nowMs: number): void {
    const ours = { vote: this.proposal, state: ServerState.LOOKING, version: ROUND_VERSION };
    if (!this.recent.hasQuorumFor(ours)) {
      this.finalAtMs = null;
    } else if (this.recent.isComplete(null) || this.recent.isComplete(this.lostLeader)) {
      this.decide(this.proposal);
    } else {
      this.finalAtMs ??= nowMs + this.options.timing.finalizeWaitMs;
    }
  }

  private decide(vote: Vote): void {
    this.decided = vote;
    this.finalAtMs = null;
  }
}
