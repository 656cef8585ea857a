/** What a learner says once it has our history. Source: LearnerHandler.run (its loop). */
import {
  decodeLearnerRequest,
  decodeRevalidate,
  decodeTouchedSessions,
  encodeRevalidateAnswer,
  OpCode,
  PacketType,
  type QuorumPacket,
} from '@menagerie/zookeeper-protocol';
import { counterOf, formatZxid, type Request } from '../../contract/index.js';
import { encodePacket, packetName } from '../packets.js';
import type { Broadcast } from './broadcast.js';
import type { Leader } from './leader.js';
import type { LearnerSession } from './learner.js';

export function hearFollowing(
  leader: Leader,
  broadcast: Broadcast,
  session: LearnerSession,
  packet: QuorumPacket,
): void {
  if (packet.type === PacketType.ACK) return hearAck(leader, broadcast, session, packet.zxid);
  if (session.stage !== 'upToDate') {
    return leader.closeLearner(session, `expected no ${packetName(packet)} before UPTODATE`);
  }
  switch (packet.type) {
    case PacketType.PING:
      return hearPing(leader, session, packet);
    case PacketType.REVALIDATE:
      return hearRevalidate(leader, broadcast, session, packet);
    case PacketType.REQUEST:
      return hearRequest(leader, broadcast, session, packet);
    default:
      leader.context.env.log.warn('packet of a learner not understood', {
        server: session.serverId,
        packet: packetName(packet),
      });
  }
}

function hearAck(leader: Leader, broadcast: Broadcast, session: LearnerSession, zxid: bigint): void {
  // A learner acknowledges UPTODATE too, with the zxid of NEWLEADER.
  if (counterOf(zxid) === 0 || session.isObserver) return;
  if (zxid > broadcast.lastProposed) {
    const reason = `expected an ACK up to ${formatZxid(broadcast.lastProposed)}, got ${formatZxid(zxid)}`;
    return leader.closeLearner(session, reason);
  }
  session.acked(zxid, broadcast.lastProposed, leader.context.env.monotonicMs());
  broadcast.acknowledged(session.serverId, zxid);
}

function hearPing(leader: Leader, session: LearnerSession, packet: QuorumPacket): void {
  const touched = decodeTouchedSessions(packet.data);
  if (touched.length > 0) leader.context.requestServer.learnerTouched(session.serverId, touched);
  if (session.pingsAnswered >= session.pingsSent) return leader.closeLearner(session, 'it answers more than was asked');
  session.pingsAnswered++;
  leader.checkProof();
}

function hearRevalidate(leader: Leader, broadcast: Broadcast, session: LearnerSession, packet: QuorumPacket): void {
  const { sessionId, timeoutMs } = decodeRevalidate(packet.data);
  leader.context.meters.revalidations++;
  const valid = leader.context.requestServer.learnerRevalidate(session.serverId, sessionId, timeoutMs);
  broadcast.flush();
  session.send(encodePacket(PacketType.REVALIDATE, packet.zxid, encodeRevalidateAnswer({ sessionId, valid })));
}

function hearRequest(leader: Leader, broadcast: Broadcast, session: LearnerSession, packet: QuorumPacket): void {
  const request: Request = { ...decodeLearnerRequest(packet.data), authInfo: packet.authinfo ?? [] };
  if (request.type === OpCode.sync) leader.syncs.add({ request, from: session.link }, broadcast.lastProposed);
  else leader.context.requestServer.learnerRequest(session.serverId, request);
}
