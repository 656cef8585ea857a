/**
 * Brings learners to our history. The decision how, and the start of forwarding, are one step: nothing can be proposed
 * or committed between them. NEWLEADER goes out behind all that is committed (ZOOKEEPER-3104).
 */
import { PacketType } from '@menagerie/zookeeper-protocol';
import { counterOf, formatZxid, followsZxid, makeZxid, type Proposal } from '../../contract/index.js';
import { formatQuorumConfig } from '../../quorum/config-text.js';
import { encodePacket, PacketBatch } from '../packets.js';
import type { RoleContext } from '../role.js';
import type { LearnerSession } from './learner.js';
import { isContinuous, planSync, type SyncPlan } from './sync-plan.js';

type LogPlan = Extract<SyncPlan, { kind: 'log' }>;

/** About what one buffer of committed transactions may hold before it is handed over. */
const PIECE_BYTES = 256 * 1024;

/** Who hears what is committed from now on; a learner joins it in the same step in which its way there is decided. */
export interface Audience {
  readonly epoch: number;
  flush(): void;
  join(session: LearnerSession): void;
  leave(session: LearnerSession): void;
}

export class Synchronization {
  private readonly reading = new Map<number, { session: LearnerSession; plan: LogPlan }>();
  private lastToken = 0;

  /** @param initialZxid the last transaction before this epoch */
  constructor(
    private readonly context: RoleContext,
    private readonly broadcast: Audience,
    private readonly initialZxid: bigint,
  ) {}

  begin(session: LearnerSession): void {
    const { database, env } = this.context;
    const { lastProcessedZxid, committedLog } = database;
    const plan = planSync({
      peerLastZxid: session.lastZxid,
      lastProcessedZxid,
      lastTransactionZxid: counterOf(lastProcessedZxid) === 0 ? this.initialZxid : lastProcessedZxid,
      committedLog,
    });
    env.log.info('synchronizing a learner', {
      server: session.serverId,
      from: formatZxid(session.lastZxid),
      to: formatZxid(lastProcessedZxid),
      by: plan.kind,
    });
    session.become('synchronizing');
    switch (plan.kind) {
      case 'diff':
        return this.sendCommitted(session, PacketType.DIFF, plan.zxid, plan.proposals);
      case 'trunc':
        return this.sendCommitted(session, PacketType.TRUNC, plan.zxid, []);
      case 'snap':
        return this.sendSnapshot(session);
      case 'log':
        return this.readLog(session, plan);
    }
  }

  logRead(token: number, records: readonly Proposal[] | null): void {
    const waiting = this.reading.get(token);
    if (waiting === undefined) return;
    this.reading.delete(token);
    const { session, plan } = waiting;
    if (records === null || session.isBacklogFull || !isWhole(records, plan)) {
      this.broadcast.leave(session);
      session.dropBacklog();
      return this.sendSnapshot(session);
    }
    const { effects, meters } = this.context;
    meters.diffSyncs++;
    effects.sendToLearner(session.link, encodePacket(PacketType.DIFF, plan.zxid));
    for (const piece of committedPackets([...records, ...plan.proposals])) effects.sendToLearner(session.link, piece);
    session.releaseBacklog();
  }

  forget(session: LearnerSession): void {
    for (const [token, waiting] of this.reading) if (waiting.session === session) this.reading.delete(token);
  }

  private sendCommitted(
    session: LearnerSession,
    type: typeof PacketType.DIFF | typeof PacketType.TRUNC,
    zxid: bigint,
    proposals: readonly Proposal[],
  ): void {
    this.context.meters.diffSyncs++;
    session.send(encodePacket(type, zxid));
    for (const piece of committedPackets(proposals)) session.send(piece);
    this.joinBroadcast(session);
  }

  private sendSnapshot(session: LearnerSession): void {
    this.context.meters.snapshotSyncs++;
    this.broadcast.flush();
    session.send(encodePacket(PacketType.SNAP, this.context.database.lastProcessedZxid));
    this.context.effects.streamSnapshotToLearner(session.link);
    this.joinBroadcast(session);
  }

  /** What is sent from now on waits behind what is read. */
  private readLog(session: LearnerSession, plan: LogPlan): void {
    session.holdBack();
    this.joinBroadcast(session);
    this.lastToken++;
    this.reading.set(this.lastToken, { session, plan });
    this.context.effects.readLog(this.lastToken, plan.fromZxid, plan.toZxid);
  }

  private joinBroadcast(session: LearnerSession): void {
    const { epoch } = this.broadcast;
    // A change that was proposed before this epoch is completed by it: that is what NEWLEADER asks to acknowledge.
    const text = Buffer.from(formatQuorumConfig(this.context.membership.lastSeen), 'utf8');
    session.sendNewLeader(encodePacket(PacketType.NEWLEADER, makeZxid(epoch, 0), text));
    // Behind NEWLEADER, whose acknowledgement is for what is committed, and not for what may become so.
    this.broadcast.join(session);
  }
}

/** Proposals which everyone knows are committed, each with its COMMIT. */
function* committedPackets(proposals: readonly Proposal[]): Iterable<Buffer> {
  const batch = new PacketBatch();
  let byteCount = 0;
  for (const { zxid, bytes } of proposals) {
    batch.add(PacketType.PROPOSAL, zxid, bytes);
    batch.add(PacketType.COMMIT, zxid);
    byteCount += bytes.length;
    if (byteCount < PIECE_BYTES) continue;
    byteCount = 0;
    yield batch.take();
  }
  if (!batch.isEmpty) yield batch.take();
}

/** From the learner's last transaction to the committed log without a hole (ZOOKEEPER-2418). */
function isWhole(records: readonly Proposal[], { fromZxid, toZxid, proposals }: LogPlan): boolean {
  const all = [...records, ...proposals];
  const first = all[0];
  const end = records.at(-1);
  return first !== undefined && end?.zxid === toZxid && followsZxid(first.zxid, fromZxid) && isContinuous(all);
}
