/**
 * A change of the members that is committed, as a learner hears of it: with the commit, and with who is to lead from then
 * on. Source: Follower.processPacket, Observer.processPacket, Learner.syncWithLeader, QuorumPeer.processReconfig.
 */
import { OpCode, type QuorumPacket } from '@menagerie/zookeeper-protocol';
import type { Proposal, ServerId } from '../../contract/index.js';
import { configOfTxn, describeMembers, isSameVoter, type MembershipChange } from '../../quorum/membership.js';
import { decodeActivation } from '../packets.js';
import type { Learner } from './learner.js';

/** COMMITANDACTIVATE. @param commit applies the transaction, which is the first that waits for its commit */
export function commitAndActivate(learner: Learner, packet: QuorumPacket, commit: (leader: ServerId) => void): void {
  const activation = decodeActivation(packet.data);
  if (activation === null) return learner.refuse('who leads', packet);
  activate(learner, packet, activation.leader, commit);
}

/** INFORMANDACTIVATE: the transaction comes with it. */
export function informAndActivate(learner: Learner, packet: QuorumPacket, commit: (leader: ServerId) => void): void {
  const activation = decodeActivation(packet.data);
  if (activation === null) return learner.refuse('who leads, and a transaction', packet);
  if (learner.append({ ...packet, data: activation.transaction })) activate(learner, packet, activation.leader, commit);
}

/**
 * Whether this learner has to go: it is something else now, or its leader is.
 *
 * @param successor whom the leader has named; null if it has not: then one that remains where it was goes on leading
 * @returns false if everything stays
 */
export function leaveIfMoved(learner: Learner, change: MembershipChange | null, successor: ServerId | null): boolean {
  if (change === null || !change.isDifferent) return false;
  const { leader, context } = learner;
  context.env.log.info('the members have changed', { members: describeMembers(change.after), leader: successor });
  const stays = successor === null ? isSameVoter(leader, change.before, change.after) : successor === leader;
  if (stays && !learner.isMisplaced) return false;
  const role = context.membership.ownRole;
  learner.abandon(stays ? `this server is ${role} now` : `server ${leader} leads no longer`, successor ?? undefined);
  return true;
}

function activate(learner: Learner, packet: QuorumPacket, leader: ServerId, commit: (leader: ServerId) => void): void {
  const { database, history, membership } = learner.context;
  if (packet.zxid <= database.lastProcessedZxid || !learner.isCommittable(packet.zxid)) return;
  const { txn }: Proposal = history.pending.first()!;
  if (txn.type !== OpCode.reconfig) return learner.refuse('a change of the members', packet);
  if (!membership.isDynamic) return learner.reconfigured();
  const change = membership.activate(configOfTxn(txn.data));
  commit(leader);
  leaveIfMoved(learner, change, leader);
}
