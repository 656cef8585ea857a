/**
 * Following or observing: from a leader named to being of use to it, and until it is lost.
 *
 *   connecting -> discovery -----------> synchronization ----------> broadcast
 *                 we promise its epoch   its history becomes ours    proposals, commits, heartbeats
 *
 * Source: Learner.java, Follower.java, Observer.java. zab.md sections 3 and 4.
 */

import {
  decodeLeaderInfo,
  encodeAckEpoch,
  encodeLearnerInfo,
  EPOCH_ALREADY_ACKNOWLEDGED,
  LEARNER_PROTOCOL_VERSION,
  OpCode,
  PacketType,
  type QuorumPacket,
  ZkProtocolError,
} from '@menagerie/zookeeper-protocol';
import {
  counterOf,
  epochOf,
  formatZxid,
  makeZxid,
  type PeerDescription,
  type ServerId,
  type ZabPhase,
} from '../../contract/index.js';
import { NO_DATA } from '../../election/vote.js';
import { QuorumConfigError } from '../../errors.js';
import { configOfTxn } from '../../quorum/membership.js';
import { LearnerRole } from '../../quorum/types.js';
import { decodeProposal, PacketBatch, packetName } from '../packets.js';
import type { Role, RoleContext, RoleInput } from '../role.js';
import { hearLeading } from './leader-packets.js';
import { LearnerReplication } from './learner-replication.js';
import { ObserverMaster } from './observer-master.js';
import { ProposalAcks } from './proposal-acks.js';
import { Synchronizer } from './synchronizer.js';

export class Learner implements Role {
  readonly kind = 'learner';
  private phase: 'connecting' | ZabPhase = 'connecting';
  private deadlineMs: number;
  private epoch = 0;
  /** Whether an answer to LEADERINFO waits for our promise to be on disk. */
  private isPromising = false;
  private mayCount = false;
  private synchronizer: Synchronizer | null = null;
  /** Gathered for the leader until the turn is over. */
  private readonly namedAtMs: number;
  readonly toLeader = new PacketBatch();
  readonly acks: ProposalAcks;
  replication: LearnerReplication | null = null;
  /** Those that observe through us; null unless we are to have any, and are up to date. */
  observers: ObserverMaster | null = null;
  /** What it came as; what it is in the configuration may change meanwhile, which ends this role. */
  readonly isObserver: boolean;
  /** Nothing that comes after the end of this role is heard. */
  isOver = false;

  constructor(
    readonly context: RoleContext,
    readonly leader: ServerId,
  ) {
    this.isObserver = context.membership.ownRole === LearnerRole.observer;
    this.acks = new ProposalAcks(this.toLeader, this.isObserver);
    this.namedAtMs = context.env.monotonicMs();
    this.deadlineMs = this.namedAtMs + context.timing.connectLimitMs;
    context.effects.connectToLeader(leader);
  }

  get isServing(): boolean {
    return this.phase === 'broadcast';
  }

  /** Whether it came to its leader as something else than it is by now. */
  get isMisplaced(): boolean {
    return this.isObserver !== (this.context.membership.ownRole === LearnerRole.observer);
  }

  step(input: RoleInput): void {
    switch (input.kind) {
      case 'tick':
        return this.tick();
      case 'durable':
        this.acks.durable(input.zxid);
        return this.synchronizer?.storageAnswered();
      case 'epochSaved':
        if (input.which === 'accepted') this.promiseSaved();
        return this.synchronizer?.storageAnswered();
      case 'truncated':
        return this.synchronizer?.truncated(input.zxid);
      case 'snapshotSaved':
        return this.synchronizer?.storageAnswered();
      case 'leaderConnected':
        return this.connected();
      case 'leaderPacket':
        return this.hear(input.packet);
      case 'leaderSnapshotItem':
        this.extendDeadline();
        return this.synchronizer?.snapshotItem(input.item);
      case 'leaderSnapshotEnd':
        this.extendDeadline();
        return this.synchronizer?.snapshotEnd();
      case 'leaderClosed':
        return this.abandon(`the leader's connection: ${input.reason}`);
      // What belongs to the storage of a leader can only be late.
      case 'reloaded':
        return;
      case 'logRead':
      case 'learnerConnected':
      case 'learnerPacket':
      case 'learnerClosed':
        return this.observers?.step(input);
      default:
        return input satisfies never;
    }
  }

  flush(): void {
    if (!this.toLeader.isEmpty) this.context.effects.sendToLeader(this.toLeader.take());
    this.observers?.flush();
  }

  wakeAtMs(): number {
    return this.observers === null ? this.deadlineMs : Math.min(this.deadlineMs, this.observers.wakeAtMs());
  }

  end(reason: string): void {
    const { effects, requestServer, history } = this.context;
    if (this.phase === 'broadcast') requestServer.stopServing(reason);
    this.observers?.end(reason);
    effects.disconnectFromLeader(reason);
    history.abandonLoad();
  }

  describe(): Pick<PeerDescription, 'phase' | 'syncMode' | 'learners' | 'pendingSyncs'> {
    return {
      phase: this.phase === 'connecting' ? 'discovery' : this.phase,
      syncMode: this.synchronizer?.mode ?? 'none',
      learners: this.observers?.describe() ?? [],
      pendingSyncs: 0,
    };
  }

  /** The leader says that its history is established, and we have it: clients may come. */
  upToDate(): void {
    const { context } = this;
    this.phase = 'broadcast';
    this.synchronizer = null;
    const { followerSyncTime, observerSyncTime } = context.meters;
    (this.isObserver ? observerSyncTime : followerSyncTime).add(context.env.monotonicMs() - this.namedAtMs);
    this.extendDeadline();
    this.toLeader.add(PacketType.ACK, makeZxid(this.epoch, 0));
    context.env.log.info(this.isObserver ? 'observing' : 'following', { leader: this.leader, epoch: this.epoch });
    context.established(this.epoch);
    this.replication = new LearnerReplication(this, this.epoch);
    context.requestServer.startServing(this.replication);
    if (context.isObserverMaster && !this.isObserver) this.observers = new ObserverMaster(this, this.epoch);
  }

  /** @param successor whom the leader has named to lead after it */
  abandon(reason: string, successor?: ServerId): void {
    this.isOver = true;
    this.context.abandon(reason, successor);
  }

  /**
   * A PROPOSAL or INFORM into the log.
   *
   * @returns whether it is the next one: not one we have, and nothing is missing before it (ZOOKEEPER-4925)
   */
  append(packet: QuorumPacket): boolean {
    const { history, membership, maxFieldBytes, observerLogs, env } = this.context;
    if (packet.data === null) {
      this.refuse('a transaction', packet);
      return false;
    }
    const proposal = decodeProposal(packet.data, maxFieldBytes);
    if (proposal.zxid <= history.lastLoggedZxid) {
      env.log.warn('a transaction came twice', { zxid: formatZxid(proposal.zxid) });
      return false;
    }
    if (!history.isNext(proposal.zxid)) {
      // Its committed log has a hole, so only its whole state helps.
      history.needsSnapshot = true;
      this.abandon(`expected what follows ${formatZxid(history.lastLoggedZxid)}, got ${formatZxid(proposal.zxid)}`);
      return false;
    }
    // Before the log has it: it may be committed as soon as that is acknowledged, and we must count by it then.
    if (proposal.txn.type === OpCode.reconfig) membership.see(configOfTxn(proposal.txn.data));
    if (this.isObserver && !observerLogs) history.rememberOnly(proposal);
    else history.append(proposal);
    this.acks.append(proposal.zxid);
    return true;
  }

  /** Whether it is the turn of `zxid`; if not, the leader and we do not have the same history. */
  isCommittable(zxid: bigint): boolean {
    const first = this.context.history.pending.first();
    if (first !== null && first.zxid === zxid) return true;
    this.abandon(
      `expected a commit of ${first === null ? 'nothing' : formatZxid(first.zxid)}, got one of ${formatZxid(zxid)}`,
    );
    return false;
  }

  /** We would go on counting by the old configuration, and could elect a second leader with it. */
  reconfigured(): void {
    this.isOver = true;
    this.context.effects.halt(
      'expected a fixed configuration, the ensemble was reconfigured: give this server the new one and start it again',
    );
  }

  /** Members that we can not read are ones that we can not count. */
  private misunderstood(error: QuorumConfigError): void {
    this.isOver = true;
    this.context.effects.halt(`the members as leader ${this.leader} has them: ${error.message}`);
  }

  /** The leader does not keep to the protocol, or we can not follow it. */
  refuse(expected: string, packet: QuorumPacket): void {
    this.abandon(`expected ${expected} from leader ${this.leader}, got ${packetName(packet)}`);
  }

  private tick(): void {
    this.observers?.tick();
    if (this.context.env.monotonicMs() < this.deadlineMs) return;
    this.abandon(
      this.phase === 'connecting'
        ? `leader ${this.leader} can not be reached`
        : `nothing heard of leader ${this.leader}`,
    );
  }

  private extendDeadline(): void {
    const { tickTimeMs, initLimitTicks, syncLimitTicks } = this.context.timing;
    const ticks = this.phase === 'broadcast' ? syncLimitTicks : initLimitTicks;
    this.deadlineMs = this.context.env.monotonicMs() + ticks * tickTimeMs;
  }

  private connected(): void {
    const { history, self, membership } = this.context;
    this.phase = 'discovery';
    this.extendDeadline();
    const info = encodeLearnerInfo({
      serverId: BigInt(self),
      protocolVersion: LEARNER_PROTOCOL_VERSION,
      configVersion: membership.current.version,
    });
    const type = this.isObserver ? PacketType.OBSERVERINFO : PacketType.FOLLOWERINFO;
    this.toLeader.add(type, makeZxid(history.acceptedEpoch, 0), info);
  }

  private hear(packet: QuorumPacket): void {
    if (this.isOver) return;
    this.extendDeadline();
    try {
      if (this.phase === 'discovery') this.leaderInfo(packet);
      else if (this.phase === 'synchronization') this.synchronizer!.hear(packet);
      else hearLeading(this, packet);
    } catch (error) {
      if (error instanceof QuorumConfigError) return this.misunderstood(error);
      if (!(error instanceof ZkProtocolError)) throw error;
      this.abandon(`bad ${packetName(packet)} from leader ${this.leader}: ${error.message}`);
    }
  }

  private leaderInfo(packet: QuorumPacket): void {
    const { history } = this.context;
    if (packet.type !== PacketType.LEADERINFO || counterOf(packet.zxid) !== 0 || this.isPromising) {
      return this.refuse('one LEADERINFO', packet);
    }
    decodeLeaderInfo(packet.data);
    this.epoch = epochOf(packet.zxid);
    if (this.epoch < history.acceptedEpoch) {
      return this.abandon(
        `epoch ${this.epoch} of leader ${this.leader} is before ${history.acceptedEpoch}, which was promised to another`,
      );
    }
    this.isPromising = true;
    // A promise given before does not count again: it may have been given to another candidate for the same epoch.
    this.mayCount = this.epoch > history.acceptedEpoch;
    if (this.mayCount) history.promise(this.epoch);
    this.promiseSaved();
  }

  private promiseSaved(): void {
    const { history } = this.context;
    if (this.phase !== 'discovery' || !this.isPromising || !history.isPromiseSaved(this.epoch)) return;
    this.phase = 'synchronization';
    this.synchronizer = new Synchronizer(this, this.epoch);
    const lastZxid = history.needsSnapshot ? NO_DATA : history.lastLoggedZxid;
    const currentEpoch = this.mayCount ? history.currentEpoch : EPOCH_ALREADY_ACKNOWLEDGED;
    this.toLeader.add(PacketType.ACKEPOCH, lastZxid, encodeAckEpoch(currentEpoch));
  }
}
