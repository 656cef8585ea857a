/**
 * Taking over the leader's history, from ACKEPOCH to UPTODATE.
 *
 *   DIFF   what we have is a beginning of it; the rest follows
 *   TRUNC  so is what we have up to a zxid; the rest of ours goes first, from the disk too
 *   SNAP   nothing of ours counts; the whole state follows, and is saved before anything else is written
 *
 * then proposals and commits, NEWLEADER somewhere among them, and UPTODATE. What is proposed goes into the log as it
 * comes, what is committed into the database. NEWLEADER is acknowledged when everything before it is on disk and the
 * leader's epoch after that, in this order: state, epoch, word (ZOOKEEPER-3911, 4643, 4646, 4785). Packets which come
 * while the state is being rebuilt wait. Source: Learner.syncWithLeader.
 */
import { PacketType, type QuorumPacket, type SnapshotItem } from '@menagerie/zookeeper-protocol';
import { formatZxid, makeZxid, type PeerDescription, type SnapshotSink } from '../../contract/index.js';
import { QuorumConfigError } from '../../errors.js';
import { parseQuorumConfigText } from '../../quorum/config-text.js';
import { describeMembers } from '../../quorum/membership.js';
import type { QuorumConfig } from '../../quorum/types.js';
import { packetName } from '../packets.js';
import { commitAndActivate, informAndActivate, leaveIfMoved } from './activation.js';
import type { Learner } from './learner.js';

export type SyncMode = PeerDescription['syncMode'];

/** What may wait for a truncation or for the leader's snapshot to be saved; a learner so slow starts again. */
const MAX_HELD_BYTES = 256 << 20;

export class Synchronizer {
  private syncMode: SyncMode = 'none';
  private load: SnapshotSink | null = null;
  private snapZxid = 0n;
  private held: QuorumPacket[] = [];
  private heldBytes = 0;
  /** What was appended when NEWLEADER came, and must be on disk; null before. */
  private newLeaderAt: bigint | null = null;
  /** What NEWLEADER said about the members. */
  private leadersConfig: QuorumConfig | null = null;
  private isAdopted = false;
  private isAcknowledged = false;

  constructor(
    private readonly learner: Learner,
    private readonly epoch: number,
  ) {}

  get mode(): SyncMode {
    return this.syncMode;
  }

  hear(packet: QuorumPacket): void {
    if (this.learner.isOver) return;
    if (this.load !== null) return this.learner.refuse('the rest of a snapshot', packet);
    if (!this.learner.context.history.isSettled) return this.hold(packet);
    this.dispatch(packet);
  }

  snapshotItem(item: SnapshotItem): void {
    this.load?.push(item);
  }

  snapshotEnd(): void {
    const { load } = this;
    if (load === null) return;
    this.load = null;
    load.finish(this.snapZxid);
    this.learner.context.history.finishLoad(this.snapZxid);
  }

  /** @param zxid where the history ends now; null: it could not be cut at the leader's word */
  truncated(zxid: bigint | null): void {
    if (zxid !== null) return this.storageAnswered();
    this.learner.abandon('log and snapshots can not be cut where the leader says: it must send a snapshot');
  }

  storageAnswered(): void {
    const { history } = this.learner.context;
    if (!history.isSettled) return;
    const { held } = this;
    this.held = [];
    this.heldBytes = 0;
    for (const packet of held) this.hear(packet);
    if (!this.learner.isOver) this.acknowledgeNewLeader();
  }

  private dispatch(packet: QuorumPacket): void {
    if (this.syncMode === 'none') return this.begin(packet);
    switch (packet.type) {
      case PacketType.PROPOSAL:
        this.learner.append(packet);
        return;
      case PacketType.COMMIT:
        return this.commit(packet.zxid);
      case PacketType.INFORM:
        if (this.learner.append(packet)) this.commit(packet.zxid);
        return;
      case PacketType.NEWLEADER:
        return this.newLeader(packet);
      case PacketType.UPTODATE:
        if (!this.isAcknowledged) return this.learner.refuse('no UPTODATE before NEWLEADER was acknowledged', packet);
        return this.upToDate();
      case PacketType.COMMITANDACTIVATE:
        return commitAndActivate(this.learner, packet, () => this.learner.context.history.applyNext());
      case PacketType.INFORMANDACTIVATE:
        return informAndActivate(this.learner, packet, () => this.learner.context.history.applyNext());
      // A PING is for learners which are up to date; a leader does not count on an answer before.
      case PacketType.PING:
        return;
      default:
        this.learner.context.env.log.warn('packet not understood', { packet: packetName(packet) });
    }
  }

  private begin(packet: QuorumPacket): void {
    const { history, env } = this.learner.context;
    const wasAskedForSnapshot = history.needsSnapshot || history.lastLoggedZxid < 0n;
    if (packet.type !== PacketType.SNAP && wasAskedForSnapshot) return this.learner.refuse('SNAP', packet);
    env.log.info('synchronizing with the leader', { by: packetName(packet), zxid: formatZxid(packet.zxid) });
    switch (packet.type) {
      case PacketType.DIFF:
        this.syncMode = 'diff';
        return;
      case PacketType.TRUNC:
        this.syncMode = 'trunc';
        return history.truncate(packet.zxid);
      case PacketType.SNAP:
        this.syncMode = 'snap';
        this.snapZxid = packet.zxid;
        this.load = history.beginLoad();
        return;
      default:
        return this.learner.refuse('DIFF, TRUNC or SNAP', packet);
    }
  }

  private commit(zxid: bigint): void {
    const { history, database } = this.learner.context;
    if (zxid <= database.lastProcessedZxid) return;
    if (this.learner.isCommittable(zxid)) history.applyNext();
  }

  private newLeader(packet: QuorumPacket): void {
    const { learner } = this;
    if (packet.zxid !== makeZxid(this.epoch, 0) || this.newLeaderAt !== null) {
      return learner.refuse(`one NEWLEADER ${formatZxid(makeZxid(this.epoch, 0))}`, packet);
    }
    this.hearConfig(packet.data);
    if (learner.isOver) return;
    this.newLeaderAt = learner.context.history.lastAppendedZxid;
    this.acknowledgeNewLeader();
  }

  private acknowledgeNewLeader(): void {
    const { learner, epoch, newLeaderAt } = this;
    const { history, database } = learner.context;
    if (newLeaderAt === null || this.isAcknowledged || history.durableZxid < newLeaderAt) return;
    if (!this.isAdopted) {
      this.isAdopted = true;
      history.adoptEpoch(epoch, newLeaderAt);
    }
    if (!history.isCurrentEpochSaved(epoch)) return;
    this.isAcknowledged = true;
    const begin = makeZxid(epoch, 0);
    learner.toLeader.add(PacketType.ACK, begin);
    learner.acks.start(database.lastProcessedZxid > begin ? database.lastProcessedZxid : begin);
  }

  private hold(packet: QuorumPacket): void {
    this.held.push(packet);
    this.heldBytes += packet.data?.length ?? 0;
    if (this.heldBytes > MAX_HELD_BYTES) this.learner.abandon('too much came in while the state was rebuilt');
  }

  /**
   * The leader's members, or those it is about to complete the change to: committed when it is established. Or, as its
   * epoch goes on, those it has proposed: committed when it says so, see `upToDate`.
   *
   * @throws QuorumConfigError
   */
  private hearConfig(data: Buffer | null): void {
    const { membership } = this.learner.context;
    if (data === null || data.length <= 1) return;
    if (!membership.isDynamic) return this.compareConfig(data);
    this.leadersConfig = parseQuorumConfigText(data.toString('utf8'));
    membership.seeLeaders(this.leadersConfig);
    // An observer is to vote after the change that this leader completes, and can not do that without us.
    if (this.learner.isMisplaced) this.learner.abandon('this server is to vote', this.learner.leader);
  }

  /** Without reconfiguration a leader of other members than ours is somebody's mistake in a file. */
  private compareConfig(data: Buffer): void {
    const { membership, env } = this.learner.context;
    try {
      const members = ({ members, ...rest }: QuorumConfig): string =>
        describeMembers({ ...rest, members: members.map((member) => ({ ...member, client: null })) });
      const theirs = members(parseQuorumConfigText(data.toString('utf8')));
      const ours = members(membership.current);
      if (theirs !== ours) env.log.warn('the leader is configured differently', { ours, theirs });
    } catch (error) {
      if (!(error instanceof QuorumConfigError)) throw error;
      env.log.warn("the leader's configuration is not understood", { problem: error.message });
    }
  }

  private upToDate(): void {
    const { learner, leadersConfig } = this;
    const isInForce = leadersConfig !== null && this.isCommitted(leadersConfig);
    const change = isInForce ? learner.context.membership.activate(leadersConfig) : null;
    if (!leaveIfMoved(learner, change, null)) learner.upToDate();
  }
  /** A version is the zxid of the change. Apache's learners take a change for done which their leader has only proposed. */
  private isCommitted({ version }: QuorumConfig): boolean {
    return version <= makeZxid(this.epoch, 0) || version <= this.learner.context.database.lastProcessedZxid;
  }
}
