/**
 * Leading: from an election won to serving, and until leadership can no longer be proved.
 *
 *   discovery ---------> synchronization -----------> broadcast
 *   a new epoch is       a quorum takes over          proposals, commits, heartbeats;
 *   agreed upon          our history (NEWLEADER)      learners go on joining
 *
 * Any doubt ends it (`abandon`): a deadline, a follower ahead of us, too few followers heard from, the last counter.
 * Source: Leader.lead, LearnerHandler.run. zab.md sections 3 and 4.
 */
import assert from 'node:assert';
import { encodeLeaderInfo, PacketType, type QuorumPacket, ZkProtocolError } from '@menagerie/zookeeper-protocol';
import {
  type LearnerLink,
  makeZxid,
  type PeerDescription,
  type Proposal,
  type ServerId,
  type ZabPhase,
} from '../../contract/index.js';
import { isSameVoter } from '../../quorum/membership.js';
import type { QuorumConfig } from '../../quorum/types.js';
import { createQuorumVerifier } from '../../quorum/verifier.js';
import { encodePacket, packetName } from '../packets.js';
import type { Role, RoleContext, RoleInput } from '../role.js';
import { Broadcast } from './broadcast.js';
import { EpochAgreement } from './epoch-agreement.js';
import { Heartbeat } from './heartbeat.js';
import { LeaderReplication } from './leader-replication.js';
import { LearnerSession } from './learner.js';
import { hearJoining } from './admission.js';
import { hearFollowing } from './learner-packets.js';
import { SyncRequests } from './sync-requests.js';
import { Synchronization } from './synchronization.js';

export class Leader implements Role {
  readonly kind = 'leader';
  private phase: ZabPhase = 'discovery';
  readonly sessions = new Map<LearnerLink, LearnerSession>();
  readonly agreement: EpochAgreement;
  private readonly heartbeat: Heartbeat;
  readonly syncs = new SyncRequests();
  /** Set once the epoch is agreed upon. */
  synchronization: Synchronization | null = null;
  broadcast: Broadcast | null = null;
  private isSelfSynchronized = false;
  /** Who has our history on disk. */
  private readonly synchronized = new Set<ServerId>();
  /** Where our history ended when we were elected: what must be on our own disk before we count ourselves. */
  private readonly initialZxid: bigint;
  /** Since when another server is to lead. */
  private handingOverSinceMs: number | null = null;

  constructor(readonly context: RoleContext) {
    const { history, self, membership, effects, env } = context;
    this.initialZxid = history.lastAppendedZxid;
    this.agreement = new EpochAgreement(self, membership, {
      currentEpoch: history.currentEpoch,
      lastZxid: history.lastLoggedZxid,
    });
    this.heartbeat = new Heartbeat(context, env.monotonicMs());
    effects.acceptLearners(true);
    this.join(self, history.acceptedEpoch);
  }

  step(input: RoleInput): void {
    switch (input.kind) {
      case 'tick':
        return this.tick();
      case 'durable':
        this.broadcast?.acknowledged(this.context.self, input.zxid);
        return this.adoptOwnHistory();
      case 'epochSaved':
        return input.which === 'accepted' ? this.promiseSaved() : this.currentEpochSaved();
      case 'logRead':
        return this.synchronization?.logRead(input.token, input.records);
      case 'learnerConnected': {
        const { link, remoteAddress } = input;
        const session = new LearnerSession(link, remoteAddress, this.context.effects, this.context.env.monotonicMs());
        this.sessions.set(link, session);
        return;
      }
      case 'learnerPacket':
        return this.hear(input.link, input.packet);
      case 'learnerClosed':
        return this.forget(input.link);
      // What belongs to a learner's connection, or to the storage of one, can only be late.
      case 'leaderConnected':
      case 'leaderPacket':
      case 'leaderSnapshotItem':
      case 'leaderSnapshotEnd':
      case 'leaderClosed':
      case 'truncated':
      case 'reloaded':
      case 'snapshotSaved':
        return;
      default:
        return input satisfies never;
    }
  }

  flush(): void {
    if (this.broadcast === null) return;
    if (this.syncs.isRoundDue) {
      this.syncs.beginRound();
      this.heartbeat.beginProof(this.sessions.values(), this.broadcast.lastProposed);
      this.checkProof();
    }
    this.broadcast.flush();
  }

  wakeAtMs(): number | null {
    return this.broadcast?.isExhausted ? this.context.env.monotonicMs() : this.heartbeat.wakeAtMs(this.phase);
  }

  end(reason: string): void {
    const { effects, requestServer } = this.context;
    if (this.phase === 'broadcast') requestServer.stopServing(reason);
    effects.acceptLearners(false);
    for (const link of this.sessions.keys()) effects.closeLearner(link, reason);
    this.sessions.clear();
  }

  describe(): Pick<PeerDescription, 'phase' | 'syncMode' | 'learners' | 'pendingSyncs'> {
    const learners = [...this.sessions.values()]
      .filter((session) => session.stage !== 'connected')
      .map((session) => ({
        serverId: session.serverId,
        role: session.isObserver ? ('observer' as const) : ('participant' as const),
        synced: session.stage === 'upToDate',
      }));
    return { phase: this.phase, syncMode: 'none', learners, pendingSyncs: this.syncs.length };
  }

  get isServing(): boolean {
    return this.phase === 'broadcast';
  }

  get lastProposed(): bigint {
    return this.broadcast?.lastProposed ?? 0n;
  }

  propose(proposal: Proposal): void {
    assert(this.broadcast !== null && this.phase === 'broadcast', `expected a leader in broadcast, got ${this.phase}`);
    this.broadcast.propose(proposal);
  }

  nextZxid(): bigint {
    assert(this.broadcast !== null && this.phase === 'broadcast', `expected a leader in broadcast, got ${this.phase}`);
    return this.broadcast.nextZxid();
  }

  /** Whether what we propose could be committed by those members as they are connected now. */
  isQuorumSynced(config: QuorumConfig): boolean {
    const synced = new Set<ServerId>([this.context.self]);
    for (const { stage, isObserver, serverId } of this.sessions.values()) {
      if (stage === 'upToDate' && !isObserver) synced.add(serverId);
    }
    return createQuorumVerifier(config).containsQuorum(synced);
  }

  /** A voter wants another election. Before we are followed that may mean: it never will. */
  voterLooksAgain(voter: ServerId): void {
    const { disloyalVoterMs } = this.context.timing;
    if (disloyalVoterMs === null || this.agreement.newEpoch !== null) return;
    if (this.heartbeat.phaseAgeMs() <= disloyalVoterMs) return;
    this.context.meters.disloyalVoters++;
    this.context.abandon(`voter ${voter} looks for a leader again`);
  }

  closeLearner(session: LearnerSession, reason: string): void {
    this.context.env.log.warn('learner dropped', { server: session.serverId, address: session.remoteAddress, reason });
    this.context.effects.closeLearner(session.link, reason);
    this.forget(session.link);
  }

  /** @param isProved a quorum has just acknowledged what was proposed after the last commit */
  private answerSyncs(isProved: boolean): void {
    const { broadcast } = this;
    if (broadcast === null || this.syncs.length === 0) return;
    for (const { request, from } of this.syncs.take(broadcast.lastCommitted, isProved)) {
      if (from === null) {
        this.context.requestServer.synced(request);
        continue;
      }
      // Behind the commits it stands for.
      broadcast.flush();
      this.sessions.get(from)?.send(encodePacket(PacketType.SYNC, 0n));
    }
  }

  /** A learner has answered a PING. */
  checkProof(): void {
    if (!this.syncs.isRoundRunning || !this.heartbeat.isProved(this.sessions.values())) return;
    this.syncs.completeRound();
    this.answerSyncs(false);
  }

  private hear(link: LearnerLink, packet: QuorumPacket): void {
    const session = this.sessions.get(link);
    if (session === undefined) return;
    session.lastHeardMs = this.context.env.monotonicMs();
    try {
      if (this.broadcast !== null && session.hasHistory) hearFollowing(this, this.broadcast, session, packet);
      else hearJoining(this, session, packet);
    } catch (error) {
      if (!(error instanceof ZkProtocolError)) throw error;
      this.closeLearner(session, `bad ${packetName(packet)}: ${error.message}`);
    }
  }

  /** A server, ourselves included, says what it has promised. */
  join(server: ServerId, acceptedEpoch: number): void {
    const wasOpen = this.agreement.newEpoch === null;
    this.agreement.join(server, acceptedEpoch);
    const epoch = this.agreement.newEpoch;
    if (!wasOpen || epoch === null) return;
    this.heartbeat.beginPhase();
    this.context.history.promise(epoch);
  }

  /** Our own promise is on disk: only then may anybody hear of the epoch. */
  private promiseSaved(): void {
    const epoch = this.agreement.newEpoch;
    if (epoch === null || !this.context.history.isPromiseSaved(epoch)) return;
    for (const session of this.sessions.values()) this.inform(session);
    if (this.agreement.isAgreed) return;
    const { history, self } = this.context;
    const isSound = this.agreement.acknowledge(self, {
      currentEpoch: history.currentEpoch,
      lastZxid: history.lastLoggedZxid,
    });
    assert(isSound, 'expected this server not to be ahead of itself');
    this.checkAgreed();
  }

  /** Tells a learner the new epoch, as soon as there is one. */
  inform(session: LearnerSession): void {
    const epoch = this.agreement.newEpoch;
    if (session.stage !== 'joined' || epoch === null || !this.context.history.isPromiseSaved(epoch)) return;
    session.become('informed');
    session.send(encodePacket(PacketType.LEADERINFO, makeZxid(epoch, 0), encodeLeaderInfo()));
  }

  /** Goes on when a quorum has promised the epoch. */
  checkAgreed(): void {
    const epoch = this.agreement.newEpoch;
    if (!this.agreement.isAgreed || this.synchronization !== null || epoch === null) return;
    this.phase = 'synchronization';
    this.heartbeat.beginPhase();
    this.versionMembers(epoch);
    this.broadcast = new Broadcast(this.context, epoch, (isOver) => this.answerSyncs(!isOver));
    this.synchronization = new Synchronization(this.context, this.broadcast, this.initialZxid);
    for (const session of this.sessions.values()) if (session.stage === 'promised') this.synchronization.begin(session);
    this.adoptOwnHistory();
  }

  /**
   * Members that come from a file have the version 0 until a leader of theirs is established, and that of its epoch from
   * then on: so they count for more than the list of a server that wants to join (ZOOKEEPER-1783).
   */
  private versionMembers(epoch: number): void {
    const { membership } = this.context;
    if (membership.lastSeen.version === 0n) membership.see({ ...membership.current, version: makeZxid(epoch, 0) });
  }

  /** We follow ourselves like everybody else: log, then epoch, then acknowledgement. */
  private adoptOwnHistory(): void {
    const { history } = this.context;
    const epoch = this.agreement.newEpoch;
    if (this.phase !== 'synchronization' || epoch === null || history.currentEpoch >= epoch) return;
    if (history.durableZxid >= this.initialZxid) history.adoptEpoch(epoch, this.initialZxid);
  }

  private currentEpochSaved(): void {
    const { broadcast, isSelfSynchronized } = this;
    if (broadcast === null || isSelfSynchronized || !this.context.history.isCurrentEpochSaved(broadcast.epoch)) return;
    this.isSelfSynchronized = true;
    this.synchronized.add(this.context.self);
    this.checkEstablished();
  }

  /** A learner has our history on its disk. */
  historyTaken(session: LearnerSession): void {
    if (!session.isObserver) this.synchronized.add(session.serverId);
    if (this.phase === 'broadcast') this.tellUpToDate(session);
    else this.checkEstablished();
  }

  /** A quorum has our history: it is committed, and the epoch begins. */
  private checkEstablished(): void {
    const { broadcast, context } = this;
    const { membership, self } = context;
    if (this.phase !== 'synchronization' || broadcast === null) return;
    if (!this.synchronized.has(self) || !membership.hasQuorum(this.synchronized)) return;
    if (!this.completeChange()) return;
    this.phase = 'broadcast';
    this.heartbeat.beginPhase();
    broadcast.countBy(membership.verifier);
    context.history.beginEpoch(broadcast.epoch);
    context.env.log.info('leading', { epoch: broadcast.epoch, supporters: [...this.synchronized].join(',') });
    context.established(broadcast.epoch);
    for (const session of this.sessions.values()) if (session.stage === 'acknowledged') this.tellUpToDate(session);
    context.requestServer.startServing(new LeaderReplication(this, broadcast.epoch));
  }

  /**
   * A change that was proposed before our time has the acknowledgements it needs with those of NEWLEADER.
   *
   * @returns false if there is no place for us in it: those who have it will find another leader
   */
  private completeChange(): boolean {
    const { membership, self, abandon } = this.context;
    const { current, next } = membership;
    if (next === null) return true;
    const remains = isSameVoter(self, current, next);
    membership.activate(next);
    if (remains) return true;
    for (const session of this.sessions.values()) if (session.stage === 'acknowledged') this.tellUpToDate(session);
    abandon('the change of the members that was to be completed has no place for this leader');
    return false;
  }

  private tellUpToDate(session: LearnerSession): void {
    this.broadcast!.flush();
    session.become('upToDate');
    session.sendUpToDate(encodePacket(PacketType.UPTODATE, -1n));
  }

  private tick(): void {
    if (this.broadcast?.isExhausted) {
      return this.context.abandon(`the counter of epoch ${this.broadcast.epoch} is used up`);
    }
    if (this.isHandedOver()) return this.handOver();
    const verdict = this.heartbeat.tick(this.phase, this.sessions.values(), this.broadcast?.lastProposed ?? 0n);
    for (const { session, reason } of verdict.drop) this.closeLearner(session, reason);
    if (verdict.abandon !== null) this.context.abandon(verdict.abandon);
  }

  private forget(link: LearnerLink): void {
    const session = this.sessions.get(link);
    if (session === undefined) return;
    this.sessions.delete(link);
    this.broadcast?.leave(session);
    this.synchronization?.forget(session);
    this.syncs.forget(link);
    if (this.isHandedOver()) this.handOver();
  }

  /**
   * The followers close their connections when they hear who leads next, not we: what is on its way to them must arrive.
   * When a quorum has gone, or is late, so do we.
   */
  private isHandedOver(): boolean {
    if (this.broadcast === null || this.broadcast.successor === null) return false;
    const nowMs = this.context.env.monotonicMs();
    this.handingOverSinceMs ??= nowMs;
    if (nowMs - this.handingOverSinceMs > this.heartbeat.syncLimitMs) return true;
    const present = new Set<ServerId>();
    for (const session of this.sessions.values()) if (!session.isObserver) present.add(session.serverId);
    return !this.context.membership.hasQuorum(present);
  }

  private handOver(): void {
    const { successor } = this.broadcast!;
    this.context.abandon(`the members have changed, server ${successor} leads`, successor!);
  }
}
