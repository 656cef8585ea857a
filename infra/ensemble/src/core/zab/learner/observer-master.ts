/**
 * A follower that has observers of its own, so that not all of them hang on the leader: it hands on what it sees
 * committed, and passes what their clients want to the leader as if they were its own.
 *
 *   observer --OBSERVERINFO--> --(LEADERINFO) ACKEPOCH--> --(DIFF/SNAP, NEWLEADER) ACK--> --(UPTODATE)--> INFORM...
 *
 * Nothing is agreed upon with an observer: the epoch is the one this follower is in. Source: ObserverMaster.java.
 */
import {
  decodeAckEpoch,
  decodeLearnerInfo,
  decodeLearnerRequest,
  decodeRevalidate,
  decodeTouchedSessions,
  encodeLeaderInfo,
  encodeRevalidateAnswer,
  OpCode,
  PacketType,
  type QuorumPacket,
  ZkProtocolError,
} from '@menagerie/zookeeper-protocol';
import {
  epochOf,
  formatZxid,
  type LearnerLink,
  makeZxid,
  type PeerDescription,
  type Proposal,
  type ServerId,
} from '../../contract/index.js';
import { LearnerSession } from '../leader/learner.js';
import { type Audience, Synchronization } from '../leader/synchronization.js';
import { activationData, encodePacket, PacketBatch, packetName } from '../packets.js';
import type { RoleInput } from '../role.js';
import type { Learner } from './learner.js';

interface Revalidation {
  readonly sessionId: bigint;
  readonly timeoutMs: number;
  readonly link: LearnerLink;
}

type ObserverInput = Extract<RoleInput, { kind: 'learnerConnected' | 'learnerPacket' | 'learnerClosed' | 'logRead' }>;

/** Questions to the leader that are not answered; one observer more or less does not matter then. */
const MAX_REVALIDATIONS = 100_000;

export class ObserverMaster implements Audience {
  private readonly sessions = new Map<LearnerLink, LearnerSession>();
  /** Who gets what is committed. */
  private readonly joined = new Set<LearnerSession>();
  private readonly outgoing = new PacketBatch();
  private readonly synchronization: Synchronization;
  /** In the order in which the leader will answer. */
  private readonly revalidations: Revalidation[] = [];
  private nextBeatMs: number;

  constructor(
    private readonly learner: Learner,
    readonly epoch: number,
  ) {
    const { context } = learner;
    this.synchronization = new Synchronization(context, this, context.database.lastProcessedZxid);
    this.nextBeatMs = context.env.monotonicMs() + context.timing.tickTimeMs / 2;
    context.effects.acceptLearners(true, 'observers');
  }

  step(input: ObserverInput): void {
    const { effects, env } = this.learner.context;
    switch (input.kind) {
      case 'learnerConnected':
        this.sessions.set(input.link, new LearnerSession(input.link, input.remoteAddress, effects, env.monotonicMs()));
        return;
      case 'learnerPacket':
        return this.hear(input.link, input.packet);
      case 'learnerClosed':
        return this.forget(input.link);
      case 'logRead':
        return this.synchronization.logRead(input.token, input.records);
    }
  }

  /** @param leader who leads from here on, if the transaction changes the members */
  committed({ zxid, bytes }: Proposal, leader: ServerId | null): void {
    if (this.joined.size === 0) return;
    if (leader === null) this.outgoing.add(PacketType.INFORM, zxid, bytes);
    else this.outgoing.add(PacketType.INFORMANDACTIVATE, zxid, activationData(leader, bytes));
  }

  flush(): void {
    if (this.outgoing.isEmpty) return;
    const bytes = this.outgoing.take();
    for (const session of this.joined) session.send(bytes);
  }

  join(session: LearnerSession): void {
    this.flush();
    this.joined.add(session);
  }

  leave(session: LearnerSession): void {
    this.joined.delete(session);
  }

  /** @returns whether the question came from one of our observers */
  revalidated(sessionId: bigint, valid: boolean): boolean {
    const asked = this.revalidations[0];
    if (asked === undefined || asked.sessionId !== sessionId) return false;
    this.revalidations.shift();
    const { requestServer } = this.learner.context;
    if (valid) requestServer.learnerTouched(this.learner.context.self, [asked]);
    this.answer(asked.link, encodePacket(PacketType.REVALIDATE, -1n, encodeRevalidateAnswer({ sessionId, valid })));
    return true;
  }

  /** A sync of an observer's client. */
  synced(link: LearnerLink): void {
    this.answer(link, encodePacket(PacketType.SYNC, 0n));
  }

  tick(): void {
    const { env, timing } = this.learner.context;
    const nowMs = env.monotonicMs();
    if (nowMs < this.nextBeatMs) return;
    this.nextBeatMs = nowMs + timing.tickTimeMs / 2;
    for (const session of [...this.sessions.values()]) {
      const ticks = session.stage === 'upToDate' ? timing.syncLimitTicks : timing.initLimitTicks;
      if (nowMs - session.lastHeardMs > ticks * timing.tickTimeMs) this.drop(session, 'nothing heard of it');
      else if (session.isBacklogFull) this.drop(session, 'too much waits for its NEWLEADER');
      else if (session.stage === 'upToDate') session.ping(this.learner.context.database.lastProcessedZxid);
    }
  }

  wakeAtMs(): number {
    return this.nextBeatMs;
  }

  end(reason: string): void {
    const { effects } = this.learner.context;
    this.flush();
    effects.acceptLearners(false, 'observers');
    for (const link of this.sessions.keys()) effects.closeLearner(link, reason);
    this.sessions.clear();
    this.joined.clear();
  }

  describe(): PeerDescription['learners'] {
    return [...this.sessions.values()]
      .filter(({ stage }) => stage !== 'connected')
      .map(({ serverId, stage }) => ({ serverId, role: 'observer', synced: stage === 'upToDate' }));
  }

  private hear(link: LearnerLink, packet: QuorumPacket): void {
    const session = this.sessions.get(link);
    if (session === undefined) return;
    session.lastHeardMs = this.learner.context.env.monotonicMs();
    try {
      if (session.stage === 'upToDate') this.hearObserving(session, packet);
      else this.hearJoining(session, packet);
    } catch (error) {
      if (!(error instanceof ZkProtocolError)) throw error;
      this.drop(session, `bad ${packetName(packet)}: ${error.message}`);
    }
  }

  private hearJoining(session: LearnerSession, packet: QuorumPacket): void {
    const begin = makeZxid(this.epoch, 0);
    if (session.stage === 'connected' && packet.type === PacketType.OBSERVERINFO) {
      return this.inform(session, packet);
    }
    if (session.stage === 'informed' && packet.type === PacketType.ACKEPOCH) {
      decodeAckEpoch(packet.data);
      session.lastZxid = packet.zxid;
      const { lastProcessedZxid } = this.learner.context.database;
      // It has seen more than we have: it finds us level with it in a moment, or another master.
      if (packet.zxid > lastProcessedZxid && epochOf(packet.zxid) >= this.epoch) {
        return this.drop(session, `it is ahead of us, at ${formatZxid(packet.zxid)}`);
      }
      session.become('promised');
      return this.synchronization.begin(session);
    }
    if (session.stage === 'synchronizing' && packet.type === PacketType.ACK && packet.zxid === begin) {
      session.become('acknowledged');
      this.flush();
      session.become('upToDate');
      return session.sendUpToDate(encodePacket(PacketType.UPTODATE, -1n));
    }
    this.drop(session, `expected no ${packetName(packet)} from one that is ${session.stage}`);
  }

  private inform(session: LearnerSession, packet: QuorumPacket): void {
    const { membership } = this.learner.context;
    const { serverId, configVersion } = decodeLearnerInfo(packet.data);
    if (configVersion !== null && configVersion > membership.current.version) {
      return this.drop(session, `its configuration ${formatZxid(configVersion)} is later than ours`);
    }
    session.serverId = Number(serverId);
    session.isObserver = true;
    for (const other of this.sessions.values()) {
      if (other !== session && other.serverId === session.serverId) this.drop(other, 'it has connected again');
    }
    session.become('joined');
    session.become('informed');
    session.send(encodePacket(PacketType.LEADERINFO, makeZxid(this.epoch, 0), encodeLeaderInfo()));
  }

  private hearObserving(session: LearnerSession, packet: QuorumPacket): void {
    const { learner } = this;
    switch (packet.type) {
      // Of UPTODATE.
      case PacketType.ACK:
        return;
      case PacketType.PING: {
        learner.context.requestServer.learnerTouched(session.serverId, decodeTouchedSessions(packet.data));
        return;
      }
      case PacketType.REVALIDATE: {
        const { sessionId, timeoutMs } = decodeRevalidate(packet.data);
        if (this.revalidations.length >= MAX_REVALIDATIONS) return this.drop(session, 'too many sessions to ask about');
        this.revalidations.push({ sessionId, timeoutMs, link: session.link });
        learner.toLeader.add(PacketType.REVALIDATE, packet.zxid, packet.data);
        return;
      }
      case PacketType.REQUEST: {
        const request = { ...decodeLearnerRequest(packet.data), authInfo: packet.authinfo ?? [] };
        if (request.type === OpCode.sync) learner.replication?.syncFor(request, session.link);
        else learner.replication?.forward(request);
        return;
      }
      default:
        learner.context.env.log.warn('packet of an observer not understood', { packet: packetName(packet) });
    }
  }

  /** Behind the commits it stands for. */
  private answer(link: LearnerLink, bytes: Buffer): void {
    const session = this.sessions.get(link);
    if (session === undefined) return;
    this.flush();
    session.send(bytes);
  }

  private drop(session: LearnerSession, reason: string): void {
    const { env, effects } = this.learner.context;
    env.log.warn('observer dropped', { server: session.serverId, address: session.remoteAddress, reason });
    effects.closeLearner(session.link, reason);
    this.forget(session.link);
  }

  private forget(link: LearnerLink): void {
    const session = this.sessions.get(link);
    if (session === undefined) return;
    this.sessions.delete(link);
    this.joined.delete(session);
    this.synchronization.forget(session);
  }
}
