/**
 * One server's part in the ensemble: elections, and between two of them a role.
 *
 * Every input is dealt with to its end before the next one. A role that is over says so (`abandon`) and is taken down
 * after the input that ended it: links closed, request server stopped, and the logged tail applied, so that the next
 * election is held with a history that is the same in memory and on disk (ZOOKEEPER-2845, 4712). An election does not
 * begin while the database is being rebuilt: there would be nothing to vote with.
 */
import assert from 'node:assert';
import { type Notification, ServerState } from '@menagerie/zookeeper-protocol';
import type { Database, Peer, PeerDescription, PeerInput, ServerId } from '../contract/index.js';
import { answerOfEstablished, Election, NonVoterAnswers, notificationOf, type Vote } from '../election/index.js';
import { QuorumConfigError } from '../errors.js';
import { parseQuorumConfigText } from '../quorum/config-text.js';
import { PeerMeters } from '../meters/index.js';
import { memberOf, Membership } from '../quorum/membership.js';
import { LearnerRole } from '../quorum/types.js';
import { History } from '../zab/history.js';
import { Leader } from '../zab/leader/leader.js';
import { Learner } from '../zab/learner/learner.js';
import { ReadOnly } from '../zab/read-only.js';
import { LAST_COUNTER, type Role, type RoleContext } from '../zab/role.js';
import { Standalone } from '../zab/standalone.js';
import type { PeerOptions } from './options.js';
import { checkTransition, type Mode } from './transitions.js';

const WIRE_STATES = {
  looking: ServerState.LOOKING,
  leading: ServerState.LEADING,
  following: ServerState.FOLLOWING,
  observing: ServerState.OBSERVING,
} as const;

type StartInput = Extract<PeerInput, { kind: 'start' }>;

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 1000;

export const createPeer = (options: PeerOptions): Peer => new ZabPeer(options);

class ZabPeer implements Peer {
  private mode: Mode = 'starting';
  private role: Role | null = null;
  private readonly history: History;
  private readonly meters: PeerMeters;
  readonly membership: Membership | null;
  private readonly context: RoleContext | null;
  private readonly election: Election | null;
  private readonly nonVoterAnswers: NonVoterAnswers;
  /** The election's outcome, with its epoch once the leader is established. */
  private vote: Vote | null = null;
  private overBecause: string | null = null;
  /** Who leads next without an election, since the last leader has said so. */
  private successor: ServerId | null = null;
  /** An election is due as soon as there is something to vote with, and not before `electionNotBeforeMs`. */
  private isElectionDue = false;
  private electionNotBeforeMs = 0;
  /** To take the place of ours when the role has ended. */
  private restoring: Database | null = null;
  /** Roles in a row that ended before they served anybody. */
  private failures = 0;
  private lostLeader: ServerId | null = null;
  private lookingSinceMs = 0;
  private electionTimeMs: number | null = null;
  /** Invariant: only while looking, with a settled history. */
  private isReadOnly = false;
  private isStepping = false;

  constructor(private readonly options: PeerOptions) {
    const { config, serverId, effects, env, timing, database } = options;
    this.history = new History(database, effects);
    this.meters = options.meters ?? new PeerMeters();
    this.nonVoterAnswers = new NonVoterAnswers(timing.election.minNotificationIntervalMs / 2);
    if (config === null) {
      this.membership = null;
      this.context = null;
      this.election = null;
      return;
    }
    assert(
      memberOf(config, serverId) !== null,
      `expected server.${serverId} in the configuration, got ${config.members.length} others`,
    );
    const membership = new Membership(serverId, config, options.memberStore ?? null);
    this.membership = membership;
    const send = (to: ServerId, notification: Notification) => effects.sendNotification(to, notification);
    this.election = new Election({ self: serverId, membership, timing: timing.election, send, log: env.log });
    this.context = {
      ...options,
      self: serverId,
      membership,
      isObserverMaster: options.isObserverMaster ?? false,
      lastCounter: options.lastCounter ?? LAST_COUNTER,
      history: this.history,
      meters: this.meters,
      abandon: (reason, successor) => this.abandon(reason, successor ?? null),
      established: (epoch) => this.established(epoch),
    };
  }

  step(input: PeerInput): void {
    if (this.mode === 'halted') return;
    assert(!this.isStepping, `expected an effect not to call back, got the input ${input.kind}`);
    this.isStepping = true;
    try {
      this.handle(input);
      this.settle();
    } finally {
      this.isStepping = false;
    }
  }

  flush(): void {
    this.role?.flush();
  }

  wakeAtMs(): number | null {
    if (this.mode === 'halted') return null;
    if (this.overBecause !== null) return this.options.env.monotonicMs();
    const own = this.mode === 'looking' ? this.electionWakeAtMs() : (this.role?.wakeAtMs() ?? null);
    const server = this.isServing ? this.options.requestServer.wakeAtMs() : null;
    const times = [own, server, this.readOnlyAtMs()].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  describe(): PeerDescription {
    const { history, role, mode } = this;
    const { database, serverId } = this.options;
    const isTogether = mode === 'leading' || mode === 'following' || mode === 'observing';
    const part = role?.describe() ?? {
      phase: 'election' as const,
      syncMode: 'none' as const,
      learners: [],
      pendingSyncs: 0,
    };
    return {
      ...part,
      serverId,
      isReadOnly: this.isReadOnly,
      state: mode === 'starting' || mode === 'halted' ? 'looking' : mode,
      leader: isTogether && this.vote !== null ? Number(this.vote.leader) : null,
      acceptedEpoch: history.acceptedEpoch,
      currentEpoch: history.currentEpoch,
      lastLoggedZxid: history.lastLoggedZxid,
      lastCommittedZxid: database.lastProcessedZxid,
      outstandingProposals: history.pending.length,
      electionTimeMs: this.electionTimeMs,
    };
  }

  private handle(input: PeerInput): void {
    switch (input.kind) {
      case 'start':
        return this.start(input);
      case 'notification':
        return this.hear(input.from, input.notification);
      case 'storageFailed':
        return this.becomeHalted(`${input.what} failed: ${input.error}`);
      case 'durable':
      case 'epochSaved':
      case 'truncated':
      case 'reloaded':
      case 'snapshotSaved':
      case 'logRead':
        this.history.hear(input);
        break;
      case 'restore':
        this.restoring = input.state;
        return this.abandon('an operator restores a snapshot', null);
      case 'stoodStill':
        if (this.overBecause === null) this.role?.step({ kind: 'tick' });
        return;
      case 'tick':
        if (this.mode === 'looking') this.tickElection();
        if (this.isServing) this.options.requestServer.tick();
        break;
      default:
        break;
    }
    if (this.overBecause === null) this.role?.step(input);
  }

  /** What follows from the input once it has been dealt with. */
  private settle(): void {
    if (this.overBecause !== null) {
      if (this.context === null) this.endStandalone(this.overBecause);
      else this.becomeLooking(this.overBecause);
    }
    this.putRestored();
    if (this.mode === 'standalone' && this.role === null && this.history.isSettled) this.serveAlone();
    if (this.successor !== null) this.followNamed(this.successor);
    if (this.isElectionDue) this.startElection();
    const outcome = this.mode === 'looking' && !this.isElectionDue ? (this.election?.outcome ?? null) : null;
    if (outcome !== null) this.becomeElected(outcome);
    this.serveReadOnly();
    // A quorum of one may have made it all the way at once.
    if (this.overBecause !== null) this.settle();
    this.meters.noteService(this.role?.isServing === true, this.mode === 'leading', this.options.env.monotonicMs());
  }

  private start({ lastLoggedZxid, acceptedEpoch, currentEpoch, seenConfig }: StartInput): void {
    assert(this.mode === 'starting', `expected one start, got another while ${this.mode}`);
    this.history.start(lastLoggedZxid, acceptedEpoch, currentEpoch);
    if (seenConfig) this.membership?.restore(seenConfig);
    if (this.context === null) this.becomeStandalone();
    else this.becomeLooking('starting');
  }

  private becomeStandalone(): void {
    this.enter('standalone');
    this.serveAlone();
  }

  private endStandalone(reason: string): void {
    const { role } = this;
    this.overBecause = null;
    this.role = null;
    role?.end(reason);
    this.history.applyTail();
  }

  /** Alone, a state from a later time moves the zxid there; among others, all have to go on where they are. */
  private putRestored(): void {
    const { restoring, history } = this;
    if (restoring === null || !history.isSettled) return;
    this.restoring = null;
    const here = history.lastLoggedZxid;
    const there = restoring.lastProcessedZxid;
    history.replaceBy(restoring, this.context === null && there > here ? there : here);
  }

  private serveAlone(): void {
    const standalone = new Standalone({ ...this.options, history: this.history });
    this.role = standalone;
    standalone.start();
  }

  private becomeLooking(reason: string): void {
    const { role } = this;
    const nowMs = this.options.env.monotonicMs();
    this.overBecause = null;
    if (this.mode !== 'looking') this.enter('looking');
    this.meters.looking++;
    this.options.env.log.info('looking for a leader', { reason });
    this.lostLeader = role?.kind === 'learner' && this.vote !== null ? Number(this.vote.leader) : null;
    this.role = null;
    this.vote = null;
    role?.end(reason);
    this.history.applyTail();
    this.isElectionDue = true;
    this.lookingSinceMs = nowMs;
    this.electionNotBeforeMs = nowMs + this.backoffMs(role);
  }

  private abandon(reason: string, successor: ServerId | null): void {
    if (this.overBecause !== null) return;
    this.overBecause = reason;
    this.successor = successor;
  }

  /** As if all had voted for it; should that be a mistake, nobody follows it and there will be an election. */
  private followNamed(leader: ServerId): void {
    const { history, election } = this;
    this.successor = null;
    if (!history.isSettled) return;
    this.isElectionDue = false;
    this.becomeElected({
      leader: BigInt(leader),
      zxid: history.lastLoggedZxid,
      electionEpoch: election!.logicalClock,
      peerEpoch: BigInt(history.currentEpoch),
    });
  }

  /** A role that comes to nothing at once, again and again, must not keep everybody busy with elections. */
  private backoffMs(ended: Role | null): number {
    this.failures = ended === null || ended.isServing ? 0 : this.failures + 1;
    if (this.failures < 2) return 0;
    const limitMs = Math.min(FIRST_BACKOFF_MS * 2 ** (this.failures - 2), MAX_BACKOFF_MS);
    return limitMs * this.options.env.random();
  }

  private startElection(): void {
    const { history, lostLeader } = this;
    const nowMs = this.options.env.monotonicMs();
    if (!history.isSettled || nowMs < this.electionNotBeforeMs) return;
    this.isElectionDue = false;
    const { lastLoggedZxid, currentEpoch } = history;
    this.membership!.forgetAfter(lastLoggedZxid);
    this.election!.start({ lastLoggedZxid, currentEpoch, lostLeader }, nowMs);
  }

  private get isServing(): boolean {
    return this.isReadOnly || this.role?.isServing === true;
  }

  /** When there will have been no leader for long enough; null if that is of no interest. */
  private readOnlyAtMs(): number | null {
    const { readOnlyAfterMs = null } = this.options;
    if (readOnlyAfterMs === null || this.mode !== 'looking' || this.isReadOnly || !this.history.isSettled) return null;
    return this.lookingSinceMs + readOnlyAfterMs;
  }

  private serveReadOnly(): void {
    const dueMs = this.readOnlyAtMs();
    if (dueMs === null || this.options.env.monotonicMs() < dueMs) return;
    this.isReadOnly = true;
    this.options.env.log.warn('no leader, serving read-only clients', { afterMs: this.options.readOnlyAfterMs ?? 0 });
    this.options.requestServer.startServing(new ReadOnly(this.membership!, this.history.currentEpoch));
  }

  private endReadOnly(reason: string): void {
    if (!this.isReadOnly) return;
    this.isReadOnly = false;
    this.options.requestServer.stopServing(reason);
  }

  private becomeElected(vote: Vote): void {
    this.endReadOnly('a leader is elected');
    const context = this.context!;
    const leader = Number(vote.leader);
    this.vote = vote;
    this.electionTimeMs = this.options.env.monotonicMs() - this.lookingSinceMs;
    this.meters.electionTime.add(this.electionTimeMs);
    if (leader === context.self) {
      this.enter('leading');
      this.role = new Leader(context);
    } else {
      this.enter(context.membership.ownRole === LearnerRole.participant ? 'following' : 'observing');
      this.role = new Learner(context, leader);
    }
    this.options.env.log.info('elected', { leader, tookMs: this.electionTimeMs });
  }

  private becomeHalted(reason: string): void {
    const { role } = this;
    this.endReadOnly(reason);
    this.enter('halted');
    this.role = null;
    this.vote = null;
    role?.end(reason);
    this.options.env.log.error('halted', { reason });
    this.options.effects.halt(reason);
  }

  private enter(mode: Mode): void {
    checkTransition(this.mode, mode);
    this.mode = mode;
  }

  private established(epoch: number): void {
    if (this.vote !== null) this.vote = { ...this.vote, peerEpoch: BigInt(epoch) };
  }

  private electionWakeAtMs(): number | null {
    if (!this.isElectionDue) return this.election!.wakeAtMs();
    return this.history.isSettled ? this.electionNotBeforeMs : null;
  }

  private tickElection(): void {
    if (!this.isElectionDue) this.election!.tick(this.options.env.monotonicMs());
  }

  private hear(from: ServerId, notification: Notification): void {
    const { context, election } = this;
    if (context === null || election === null || from === context.self) return;
    if (this.learnMembers(from, notification)) return;
    if (!context.membership.voters.includes(from)) return this.answerNonVoter(from);
    if (this.mode === 'looking') {
      if (!this.isElectionDue) election.receive(from, notification, this.options.env.monotonicMs());
      return;
    }
    if (this.vote === null || this.mode === 'starting' || this.mode === 'standalone' || this.mode === 'halted') return;
    if (notification.state === ServerState.LOOKING && this.role instanceof Leader) this.role.voterLooksAgain(from);
    const answer = answerOfEstablished(notification, WIRE_STATES[this.mode], this.vote, context.membership.text);
    if (answer !== null) this.options.effects.sendNotification(from, answer);
  }

  /**
   * A server that was away while the members changed hears of it from others, who speak of committed ones only.
   *
   * @returns whether the election is to be held again, by them
   */
  private learnMembers(from: ServerId, { config }: Notification): boolean {
    const { membership, env } = this.context!;
    if (this.mode !== 'looking' || !membership.isDynamic || config === null || config === membership.text) return false;
    try {
      const change = membership.activate(parseQuorumConfigText(config));
      if (change === null) return false;
      env.log.info('another server knows later members', { from, members: config.replaceAll('\n', ' ') });
      if (change.isDifferent) this.isElectionDue = true;
      return change.isDifferent;
    } catch (error) {
      if (!(error instanceof QuorumConfigError)) throw error;
      env.log.warn('members in a notification are not understood', { from, problem: error.message });
      return false;
    }
  }

  /** An observer, or a server that we do not know: whatever it says, it is told what we think. */
  private answerNonVoter(from: ServerId): void {
    const { election, mode, context } = this;
    if (mode === 'starting' || mode === 'standalone' || mode === 'halted' || this.isElectionDue) return;
    const state = WIRE_STATES[mode];
    const vote = { ...(this.vote ?? election!.currentProposal), electionEpoch: election!.logicalClock };
    if (!this.nonVoterAnswers.isDue(from, vote, state, this.options.env.monotonicMs())) return;
    this.options.effects.sendNotification(from, notificationOf(vote, state, context!.membership.text));
  }
}
