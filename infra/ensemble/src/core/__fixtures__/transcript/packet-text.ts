/** Packets and notifications as lines of a dialogue, read and written. */
import {
  decodeAckEpoch,
  decodeLearnerInfo,
  decodeLearnerRequest,
  encodeAckEpoch,
  encodeLeaderInfo,
  encodeLearnerInfo,
  encodeLearnerRequest,
  encodeTouchedSessions,
  type Notification,
  NOTIFICATION_VERSION,
  OpCode,
  packetTypeName,
  PacketType,
  type QuorumPacket,
  QuorumStreamDecoder,
  ServerState,
} from '@menagerie/zookeeper-protocol';
import { changeAt, membersText, transactionAt } from './fakes.js';
import { activationData, decodeActivation } from '../../zab/packets.js';
import { parseZxid, zxidText } from './zxid-text.js';

const STATES = Object.keys(ServerState) as (keyof typeof ServerState)[];
const NOBODY = -0x8000_0000_0000_0000n;

/** `LOOKING for 2 at 4:17 in 4, round 1` */
export function notificationText({ state, leader, zxid, peerEpoch, electionEpoch }: Notification): string {
  const vote = leader === NOBODY ? 'nobody' : `${leader} at ${zxidText(zxid)} in ${peerEpoch}`;
  return `${STATES.find((name) => ServerState[name] === state)} for ${vote}, round ${electionEpoch}`;
}

export function parseNotification(text: string): Notification {
  const match = /^(\w+) for (?:nobody|(\d+) at (\S+) in (\d+)), round (\d+)(?:, members (.+) since (\S+))?$/.exec(text);
  if (match === null) throw new Error(`expected a notification, found ${JSON.stringify(text)}`);
  const [, state, leader, zxid, peerEpoch, round, members, since] = match;
  return {
    state: ServerState[state as keyof typeof ServerState],
    leader: leader === undefined ? NOBODY : BigInt(leader),
    zxid: zxid === undefined ? NOBODY : parseZxid(zxid),
    peerEpoch: peerEpoch === undefined ? NOBODY : BigInt(peerEpoch),
    electionEpoch: BigInt(round!),
    version: NOTIFICATION_VERSION,
    config: members === undefined ? null : membersText(members, parseZxid(since!)),
  };
}

/** One line a packet. */
export function packetTexts(bytes: Buffer): string[] {
  return new QuorumStreamDecoder({ side: 'leader' })
    .push(bytes)
    .map((item) => (item.kind === 'packet' ? packetText(item.packet) : item.kind));
}

function packetText({ type, zxid, data }: QuorumPacket): string {
  const name = packetTypeName(type);
  switch (type) {
    case PacketType.FOLLOWERINFO:
    case PacketType.OBSERVERINFO:
      return `${name} ${zxidText(zxid)} of ${decodeLearnerInfo(data).serverId}`;
    case PacketType.ACKEPOCH:
      return `${name} ${zxidText(zxid)} in ${decodeAckEpoch(data)}`;
    case PacketType.REQUEST: {
      const request = decodeLearnerRequest(data);
      return `${name} ${request.type === OpCode.sync ? 'sync' : 'write'} ${request.body.toString()}`;
    }
    case PacketType.COMMITANDACTIVATE:
      return `${name} ${zxidText(zxid)} leader ${decodeActivation(data)?.leader}`;
    case PacketType.UPTODATE:
    case PacketType.SYNC:
    case PacketType.REVALIDATE:
      return `${name}`;
    default:
      return `${name} ${zxidText(zxid)}`;
  }
}

/** The same lines, the other way. */
export function parsePacket(text: string): QuorumPacket {
  const [, ids = null, since] = /members ([\d /]+\d)(?: since (\S+))?$/.exec(text) ?? [];
  const [name, zxidPart, preposition, subject] = text.split(' ');
  const type = PacketType[name as keyof typeof PacketType];
  if (type === undefined) throw new Error(`expected a packet, found ${JSON.stringify(text)}`);
  const packet = (zxid: bigint, data: Buffer | null = null): QuorumPacket => ({ type, zxid, data, authinfo: null });
  if (type === PacketType.REQUEST) {
    const requestType = zxidPart === 'sync' ? OpCode.sync : OpCode.setData;
    const body = Buffer.from(preposition ?? '');
    return packet(-1n, encodeLearnerRequest({ sessionId: 1n, cxid: 1, type: requestType, body }));
  }
  if (zxidPart === undefined) return packet(type === PacketType.SYNC ? 0n : -1n);
  const zxid = parseZxid(zxidPart);
  switch (type) {
    case PacketType.FOLLOWERINFO:
    case PacketType.OBSERVERINFO:
      return packet(
        zxid,
        encodeLearnerInfo({ serverId: BigInt(subject!), protocolVersion: 0x10000, configVersion: 0n }),
      );
    case PacketType.LEADERINFO:
      return packet(zxid, encodeLeaderInfo());
    case PacketType.ACKEPOCH:
      return packet(zxid, encodeAckEpoch(Number(subject)));
    case PacketType.PROPOSAL:
    case PacketType.INFORM:
      return packet(zxid, (ids === null ? transactionAt(zxid) : changeAt(zxid, ids)).bytes);
    case PacketType.COMMITANDACTIVATE:
      return packet(zxid, activationData(Number(subject), null));
    case PacketType.NEWLEADER:
      return packet(zxid, ids === null ? null : Buffer.from(membersText(ids, parseZxid(since!))));
    case PacketType.PING:
      return packet(zxid, encodeTouchedSessions([]));
    default:
      return packet(zxid);
  }
}
