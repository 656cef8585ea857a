/** What a leader says to a learner that is up to date. Source: Follower.processPacket, Observer.processPacket. */
import {
  decodeRevalidateAnswer,
  encodeTouchedSessions,
  PacketType,
  type QuorumPacket,
} from '@menagerie/zookeeper-protocol';
import { packetName } from '../packets.js';
import type { Learner } from './learner.js';

export function hearLeading(learner: Learner, packet: QuorumPacket): void {
  const { requestServer, env } = learner.context;
  switch (packet.type) {
    case PacketType.PROPOSAL:
      learner.append(packet);
      return;
    case PacketType.COMMIT:
      return commit(learner, packet.zxid);
    case PacketType.INFORM:
      if (learner.append(packet)) commit(learner, packet.zxid);
      return;
    case PacketType.PING:
      learner.toLeader.add(PacketType.PING, packet.zxid, encodeTouchedSessions(requestServer.takeTouchedSessions()));
      return;
    case PacketType.SYNC:
      return learner.replication?.syncAnswered();
    case PacketType.REVALIDATE: {
      const { sessionId, valid } = decodeRevalidateAnswer(packet.data);
      return requestServer.revalidated(sessionId, valid);
    }
    case PacketType.COMMITANDACTIVATE:
    case PacketType.INFORMANDACTIVATE:
      return learner.reconfigured();
    default:
      env.log.warn('packet of the leader not understood', { packet: packetName(packet) });
  }
}

function commit(learner: Learner, zxid: bigint): void {
  const { database, history, requestServer } = learner.context;
  if (zxid <= database.lastProcessedZxid || !learner.isCommittable(zxid)) return;
  requestServer.commit(history.pending.shift());
}
