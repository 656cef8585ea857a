/**
 * Orders transactions: to all logs at once, and committed when a quorum has them on disk.
 *
 * A server that acknowledges a transaction has everything before it, since logs are written and acknowledged in order.
 * So one number a voter says all, and what is committed is the highest one a quorum has reached; proposals commit in
 * their order by themselves. What a turn brings leaves as one buffer, encoded once for all followers.
 * Source: Leader.propose, processAck, tryToCommit.
 */
import assert from 'node:assert';
import { PacketType } from '@menagerie/zookeeper-protocol';
import { COUNTER_MASK, formatZxid, makeZxid, type Proposal, type ServerId } from '../../contract/index.js';
import { PacketBatch } from '../packets.js';
import type { RoleContext } from '../role.js';
import type { LearnerSession } from './learner.js';

export class Broadcast {
  private readonly participants = new Set<LearnerSession>();
  private readonly observers = new Set<LearnerSession>();
  private readonly toParticipants = new PacketBatch();
  private readonly toObservers = new PacketBatch();
  private hasNewProposals = false;

  /** Highest counter each voter has on disk, by its position in `voters`; 0: nothing of this epoch. */
  private readonly reached: number[];
  private readonly positions = new Map<ServerId, number>();

  /** Invariant: committed <= proposed. Counters of this epoch. */
  private proposed = 0;
  private committed = 0;

  constructor(
    private readonly context: RoleContext,
    readonly epoch: number,
    /** Told before each commit, and once (`isOver`) when all that can be committed is. */
    private readonly onCommit: (isOver: boolean) => void,
  ) {
    const { voters } = context.verifier;
    this.reached = voters.map(() => 0);
    voters.forEach((voter, at) => this.positions.set(voter, at));
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

  get isExhausted(): boolean {
    return this.proposed >= this.context.lastCounter;
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
    // What it had before it went away counts again when it says so again.
    const position = this.positions.get(learner.serverId);
    if (position !== undefined) this.reached[position] = 0;
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
    this.context.history.append(proposal);
    this.toParticipants.add(PacketType.PROPOSAL, zxid, bytes);
    this.hasNewProposals = true;
  }

  /** `server` has everything up to `zxid` on its disk. Called for this server too, and no earlier than that. */
  acknowledged(server: ServerId, zxid: bigint): void {
    const position = this.positions.get(server);
    if (position === undefined || zxid <= this.lastCommitted) return;
    if (zxid > this.lastProposed) {
      assert.fail(`expected an acknowledgement up to ${formatZxid(this.lastProposed)}, got ${formatZxid(zxid)}`);
    }
    const counter = Number(zxid & COUNTER_MASK);
    if (counter <= this.reached[position]!) return;
    this.reached[position] = counter;
    this.commitReached();
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
    const reached = this.context.verifier.reachedByQuorum(this.reached);
    if (reached <= this.committed) return;
    const { history, requestServer } = this.context;
    while (this.committed < reached) {
      this.onCommit(false);
      const proposal = history.pending.shift();
      this.committed++;
      if (proposal.zxid !== this.lastCommitted) {
        assert.fail(`expected to commit ${formatZxid(this.lastCommitted)}, got ${formatZxid(proposal.zxid)}`);
      }
      this.toParticipants.add(PacketType.COMMIT, proposal.zxid);
      if (this.observers.size > 0) this.toObservers.add(PacketType.INFORM, proposal.zxid, proposal.bytes);
      requestServer.commit(proposal);
    }
    this.onCommit(true);
  }
}
