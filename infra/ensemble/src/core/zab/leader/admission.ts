/** What a learner says on its way in, up to the acknowledgement of NEWLEADER. Source: LearnerHandler.run. */
import { decodeAckEpoch, decodeLearnerInfo, PacketType, type QuorumPacket } from '@menagerie/zookeeper-protocol';
import { epochOf, formatZxid, makeZxid } from '../../contract/index.js';
import { packetName } from '../packets.js';
import type { Broadcast } from './broadcast.js';
import type { Leader } from './leader.js';
import type { LearnerSession } from './learner.js';

export function hearJoining(leader: Leader, session: LearnerSession, packet: QuorumPacket): void {
  switch (session.stage) {
    case 'connected':
      return hearInfo(leader, session, packet);
    case 'informed':
      return hearPromise(leader, session, packet);
    case 'synchronizing':
      return hearHistoryTaken(leader, leader.broadcast!, session, packet);
    default:
      return unexpected(leader, session, packet, 'nothing before our answer');
  }
}

function hearInfo(leader: Leader, session: LearnerSession, packet: QuorumPacket): void {
  const { membership, self } = leader.context;
  const isObserver = packet.type === PacketType.OBSERVERINFO;
  if (packet.type !== PacketType.FOLLOWERINFO && !isObserver) {
    return unexpected(leader, session, packet, 'FOLLOWERINFO or OBSERVERINFO');
  }
  const { serverId, configVersion } = decodeLearnerInfo(packet.data);
  if (configVersion !== null && configVersion > membership.current.version) {
    const ours = formatZxid(membership.current.version);
    const reason = `its configuration ${formatZxid(configVersion)} is later than ours, ${ours}`;
    return leader.closeLearner(session, reason);
  }
  if (Number(serverId) === self) return leader.closeLearner(session, 'it has our own id');
  session.serverId = Number(serverId);
  session.isObserver = isObserver;
  // Its former connection is dead, it only has not been noticed.
  for (const other of leader.sessions.values()) {
    if (other !== session && other.serverId === session.serverId) leader.closeLearner(other, 'it has connected again');
  }
  session.become('joined');
  const promisedEpoch = epochOf(packet.zxid);
  leader.join(session.serverId, promisedEpoch);
  if (isShutOut(leader, session, promisedEpoch)) return;
  leader.inform(session);
}

/**
 * A member that has promised an epoch after ours (to a leader which came to nothing) can never follow us. Apache leaves
 * it out until there happens to be another leader; here the next epoch begins, which is no earlier than what it promised.
 */
function isShutOut(leader: Leader, session: LearnerSession, promisedEpoch: number): boolean {
  const { newEpoch } = leader.agreement;
  const { membership, abandon } = leader.context;
  if (newEpoch === null || promisedEpoch <= newEpoch) return false;
  if (!membership.current.members.some(({ id }) => id === session.serverId)) return false;
  abandon(`server ${session.serverId} has promised epoch ${promisedEpoch}, after ours, ${newEpoch}`);
  return true;
}

function hearPromise(leader: Leader, session: LearnerSession, packet: QuorumPacket): void {
  if (packet.type !== PacketType.ACKEPOCH) return unexpected(leader, session, packet, 'ACKEPOCH');
  const currentEpoch = decodeAckEpoch(packet.data);
  session.lastZxid = packet.zxid;
  if (!leader.agreement.acknowledge(session.serverId, { currentEpoch, lastZxid: packet.zxid })) {
    const reason = `it is ahead of us: epoch ${currentEpoch}, ${formatZxid(packet.zxid)}`;
    leader.closeLearner(session, reason);
    // One that can not be elected would only lose us the next leadership too.
    const { membership, abandon } = leader.context;
    if (membership.weightOf(session.serverId) > 0) abandon(`server ${session.serverId}: ${reason}`);
    return;
  }
  session.become('promised');
  if (leader.synchronization !== null) leader.synchronization.begin(session);
  else leader.checkAgreed();
}

function hearHistoryTaken(leader: Leader, broadcast: Broadcast, session: LearnerSession, packet: QuorumPacket): void {
  const expected = makeZxid(broadcast.epoch, 0);
  if (packet.type !== PacketType.ACK || packet.zxid > broadcast.lastProposed || session.isHeldBack) {
    return unexpected(leader, session, packet, `the ACK of ${formatZxid(expected)}`);
  }
  // Before 3.9 a learner can overtake itself, with an ACK of something committed that it was sent (ZOOKEEPER-4685): the
  // one for NEWLEADER comes right behind.
  if (packet.zxid !== expected) return;
  session.become('acknowledged');
  leader.historyTaken(session);
}

function unexpected(leader: Leader, session: LearnerSession, packet: QuorumPacket, expected: string): void {
  leader.closeLearner(session, `expected ${expected}, got ${packetName(packet)}`);
}
