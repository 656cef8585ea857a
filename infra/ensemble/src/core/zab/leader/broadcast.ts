/**
 * Orders transactions: to all logs at once, and committed when a quorum has them on disk.
 *
 * A server that acknowledges a transaction has everything before it, since logs are written and acknowledged in order.
 * So one number a voter says all, and what is committed is the highest one a quorum has reached; proposals commit in
 * their order by themselves. What a turn brings leaves as one buffer, encoded once for all followers.
 * Source: Leader.propose, processAck, tryToCommit.
 */
import assert from 'node:assert';
import { OpCode, PacketType } from '@menagerie/zookeeper-protocol';
import { COUNTER_MASK, counterOf, formatZxid, makeZxid, type Proposal, type ServerId } from '../../contract/index.js';
import { configOfTxn, describeMembers, isSameVoter } from '../../quorum/membership.js';
import { activationData, PacketBatch } from '../packets.js';
import { participantsOf, type QuorumConfig } from '../../quorum/types.js';
import type { QuorumVerifier } from '../../quorum/verifier.js';
import type { RoleContext } from '../role.js';
import { Acknowledgements } from './acknowledgements.js';
import type { LearnerSession } from './learner.js';

export class Broadcast {
  private readonly participants = new Set<LearnerSession>();
  private readonly observers = new Set<LearnerSession>();
  private readonly toParticipants = new PacketBatch();
  private readonly toObservers = new PacketBatch();
  private hasNewProposals = false;

  private readonly acknowledgements: Acknowledgements;
  /** Who leads after us, once a change is committed that leaves us no place; null while we do. Nothing commits then. */
  private namedSuccessor: ServerId | null = null;

  /** Invariant: committed <= proposed. Counters of this epoch. */
  private proposed = 0;
  private committed = 0;

  constructor(
    private readonly context: RoleContext,
    readonly epoch: number,
    /** Told before each commit, and once (`isOver`) when all that can be committed is. */
    private readonly onCommit: (isOver: boolean) => void,
  ) {
    this.acknowledgements = new Acknowledgements(context.membership.verifier);
  }

  get lastProposed(): bigint {
    return makeZxid(this.epoch, this.proposed);
  }

  get lastCommitted(): bigint {
    return makeZxid(this.epoch, this.committed);
  }

  /** Proposed and not committed. */
  get outstanding(): number {
    return this.proposed - this.committed;
  }

  get successor(): ServerId | null {
    return this.namedSuccessor;
  }

  get isExhausted(): boolean {
    return this.proposed >= this.context.lastCounter;
  }

  /** Before anything is proposed. */
  countBy(verifier: QuorumVerifier): void {
    this.acknowledgements.countBy(verifier);
  }

  /** From here on the learner gets what is broadcast; and first, what is still waiting for its quorum. */
  join(learner: LearnerSession): void {
    this.flush();
    if (learner.isObserver) {
      this.observers.add(learner);
      return;
    }
    const outstanding = new PacketBatch();
    for (const proposal of this.context.history.pending) {
      outstanding.add(PacketType.PROPOSAL, proposal.zxid, proposal.bytes);
    }
    if (!outstanding.isEmpty) learner.send(outstanding.take());
    this.participants.add(learner);
    this.acknowledgements.restart(learner.serverId);
  }

  leave(learner: LearnerSession): void {
    this.participants.delete(learner);
    this.observers.delete(learner);
  }

  nextZxid(): bigint {
    return makeZxid(this.epoch, this.proposed + 1);
  }

  propose(proposal: Proposal): void {
    const { zxid, bytes } = proposal;
    if (zxid !== this.nextZxid()) {
      assert.fail(`expected the proposal ${formatZxid(this.nextZxid())}, got ${formatZxid(zxid)}`);
    }
    if (this.proposed + 1 >= Number(COUNTER_MASK)) assert.fail(`expected a counter to be left, got ${this.proposed}`);
    this.proposed++;
    this.context.meters.proposals++;
    this.context.history.append(proposal);
    this.toParticipants.add(PacketType.PROPOSAL, zxid, bytes);
    this.hasNewProposals = true;
    if (proposal.txn.type === OpCode.reconfig) this.proposeMembers(proposal.txn.data);
  }

  /** `server` has everything up to `zxid` on its disk. Called for this server too, and no earlier than that. */
  acknowledged(server: ServerId, zxid: bigint): void {
    if (zxid <= this.lastCommitted) return;
    if (zxid > this.lastProposed) {
      assert.fail(`expected an acknowledgement up to ${formatZxid(this.lastProposed)}, got ${formatZxid(zxid)}`);
    }
    if (this.acknowledgements.acknowledge(server, counterOf(zxid))) this.commitReached();
  }

  /** Sends what was gathered. */
  flush(): void {
    if (!this.toParticipants.isEmpty) {
      const bytes = this.toParticipants.take();
      for (const learner of this.participants) learner.send(bytes);
    }
    if (!this.toObservers.isEmpty) {
      const bytes = this.toObservers.take();
      for (const learner of this.observers) learner.send(bytes);
    }
    if (!this.hasNewProposals) return;
    this.hasNewProposals = false;
    const nowMs = this.context.env.monotonicMs();
    for (const learner of this.participants) learner.proposed(this.lastProposed, nowMs);
  }

  private commitReached(): void {
    let reached = this.acknowledgements.committable;
    if (reached <= this.committed) return;
    const { history, requestServer } = this.context;
    while (this.committed < reached && this.namedSuccessor === null) {
      this.onCommit(false);
      const proposal = history.pending.shift();
      this.committed++;
      this.context.meters.commits++;
      if (proposal.zxid !== this.lastCommitted) {
        assert.fail(`expected to commit ${formatZxid(this.lastCommitted)}, got ${formatZxid(proposal.zxid)}`);
      }
      if (proposal.txn.type === OpCode.reconfig) {
        this.activateMembers(proposal, proposal.txn.data);
        reached = this.acknowledgements.committable;
      } else {
        this.toParticipants.add(PacketType.COMMIT, proposal.zxid);
        if (this.observers.size > 0) this.toObservers.add(PacketType.INFORM, proposal.zxid, proposal.bytes);
      }
      requestServer.commit(proposal);
    }
    this.onCommit(true);
  }

  private proposeMembers(data: Buffer | null): void {
    const { membership, env } = this.context;
    membership.see(configOfTxn(data));
    assert(membership.nextVerifier !== null, 'expected a change that is later than the members we have');
    this.acknowledgements.beginChange(this.proposed, membership.nextVerifier);
    env.log.info('a change of the members is proposed', { members: describeMembers(membership.lastSeen) });
  }

  /** Everyone is told with the commit who leads from here on. */
  private activateMembers(proposal: Proposal, data: Buffer | null): void {
    const { membership, self, env } = this.context;
    const config = configOfTxn(data);
    const leader = isSameVoter(self, membership.current, config) ? self : this.bestSuccessor(config);
    membership.activate(config);
    this.acknowledgements.endChange();
    if (leader !== self) this.namedSuccessor = leader;
    env.log.info('the members have changed', { members: describeMembers(config), leader });
    this.toParticipants.add(PacketType.COMMITANDACTIVATE, proposal.zxid, activationData(leader, null));
    if (this.observers.size === 0) return;
    this.toObservers.add(PacketType.INFORMANDACTIVATE, proposal.zxid, activationData(leader, proposal.bytes));
  }

  /** The voter of the new configuration that has most of what we proposed: a quorum of them has the change itself. */
  private bestSuccessor(config: QuorumConfig): ServerId {
    const others = participantsOf(config).filter((voter) => voter !== this.context.self);
    const best = this.acknowledgements.furthest(others, this.committed);
    assert(best !== null, `expected another voter with the change on its disk, got none of ${others.join(',')}`);
    return best;
  }
}
