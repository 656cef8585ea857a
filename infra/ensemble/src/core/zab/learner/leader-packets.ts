/** What a leader says to a learner that is up to date. Source: Follower.processPacket, Observer.processPacket. */
import {
  decodeRevalidateAnswer,
  encodeTouchedSessions,
  PacketType,
  type QuorumPacket,
} from '@menagerie/zookeeper-protocol';
import type { ServerId } from '../../contract/index.js';
import { packetName } from '../packets.js';
import { commitAndActivate, informAndActivate } from './activation.js';
import type { Learner } from './learner.js';

export function hearLeading(learner: Learner, packet: QuorumPacket): void {
  const { requestServer, env, meters } = learner.context;
  switch (packet.type) {
    case PacketType.PROPOSAL:
      meters.proposalsReceived++;
      learner.append(packet);
      return;
    case PacketType.COMMIT:
      meters.commitsReceived++;
      return commit(learner, packet.zxid);
    case PacketType.INFORM:
      meters.commitsReceived++;
      if (learner.append(packet)) commit(learner, packet.zxid);
      return;
    case PacketType.PING:
      learner.toLeader.add(PacketType.PING, packet.zxid, encodeTouchedSessions(requestServer.takeTouchedSessions()));
      return;
    case PacketType.SYNC:
      return learner.replication?.syncAnswered();
    case PacketType.REVALIDATE: {
      const { sessionId, valid } = decodeRevalidateAnswer(packet.data);
      if (learner.observers?.revalidated(sessionId, valid) === true) return;
      return requestServer.revalidated(sessionId, valid);
    }
    case PacketType.COMMITANDACTIVATE:
      return commitAndActivate(learner, packet, (leader) => commitNext(learner, leader));
    case PacketType.INFORMANDACTIVATE:
      return informAndActivate(learner, packet, (leader) => commitNext(learner, leader));
    default:
      env.log.warn('packet of the leader not understood', { packet: packetName(packet) });
  }
}

function commit(learner: Learner, zxid: bigint): void {
  if (zxid <= learner.context.database.lastProcessedZxid || !learner.isCommittable(zxid)) return;
  commitNext(learner, null);
}

/** @param leader who leads from here on, if the transaction changes the members */
function commitNext({ context: { history, requestServer }, observers }: Learner, leader: ServerId | null): void {
  const proposal = history.pending.shift();
  requestServer.commit(proposal);
  observers?.committed(proposal, leader);
}
