/** What servers say to each other. */
import { isDeepStrictEqual } from 'node:util';
import * as zk from '@menagerie/zookeeper-protocol';
import { ElectionStreamDecoder, PacketType, QuorumStreamDecoder } from '@menagerie/zookeeper-protocol';
import { check, type Target } from '../target.js';
import { capturedConnections } from './captures.js';
import { codec, MAX_FIELD_BYTES, protocol, roundTrips, sameInPieces } from './support.js';

const covers = 'zookeeper/protocol/dist';

interface Payload {
  decode(data: Buffer | null): unknown;
  encode(value: unknown): Buffer;
}

const payload = <T>(encode: (value: T) => Buffer, decode: (data: Buffer | null) => T): Payload => ({
  decode,
  encode: (value) => encode(value as T),
});

const payloads = new Map<number, readonly Payload[]>([
  [PacketType.FOLLOWERINFO, [payload(zk.encodeLearnerInfo, zk.decodeLearnerInfo)]],
  [PacketType.OBSERVERINFO, [payload(zk.encodeLearnerInfo, zk.decodeLearnerInfo)]],
  [PacketType.LEADERINFO, [payload(zk.encodeLeaderInfo, zk.decodeLeaderInfo)]],
  [PacketType.ACKEPOCH, [payload(zk.encodeAckEpoch, zk.decodeAckEpoch)]],
  [PacketType.REQUEST, [payload(zk.encodeLearnerRequest, zk.decodeLearnerRequest)]],
  [
    PacketType.REVALIDATE,
    [payload(zk.encodeRevalidate, zk.decodeRevalidate), payload(zk.encodeRevalidateAnswer, zk.decodeRevalidateAnswer)],
  ],
  [PacketType.PING, [payload(zk.encodeTouchedSessions, zk.decodeTouchedSessions)]],
  [PacketType.COMMITANDACTIVATE, [payload(zk.encodeCommitAndActivate, zk.decodeCommitAndActivate)]],
  [PacketType.INFORMANDACTIVATE, [payload(zk.encodeInformAndActivate, zk.decodeInformAndActivate)]],
]);

function openPayload({ type, data }: zk.QuorumPacket): void {
  for (const { encode, decode } of payloads.get(type) ?? []) {
    const value = protocol(() => decode(data));
    const again = decode(encode(value));
    check(isDeepStrictEqual(again, value), `the payload of packet type ${type} does not come back`);
  }
  if (type === PacketType.PROPOSAL && data !== null) protocol(() => zk.decodeTxnRecord(data, MAX_FIELD_BYTES));
}

const quorum = (side: 'leader' | 'learner'): Target => ({
  name: `quorum-${side}`,
  covers,
  seeds: () => capturedConnections('quorum').map(({ dialler, acceptor }) => (side === 'leader' ? dialler : acceptor)),
  run: (input) => {
    const items = sameInPieces(input, (chunks) => {
      const decoder = new QuorumStreamDecoder({ side, maxFieldBytes: MAX_FIELD_BYTES });
      return chunks.flatMap((chunk) => decoder.push(chunk));
    });
    for (const item of items) if (item.kind === 'packet') openPayload(item.packet);
  },
});

const election = (side: 'dialled' | 'accepted'): Target => ({
  name: `election-${side}`,
  covers,
  seeds: () =>
    capturedConnections('election').map(({ dialler, acceptor }) => (side === 'accepted' ? dialler : acceptor)),
  run: (input) => {
    const items = sameInPieces(input, (chunks) => {
      const decoder = new ElectionStreamDecoder(side);
      return chunks.flatMap((chunk) => decoder.push(chunk));
    });
    for (const item of items) {
      if (item.kind !== 'message') continue;
      const value = protocol(() => zk.decodeNotification(item.body));
      const again = zk.decodeNotification(zk.encodeNotification(value));
      check(isDeepStrictEqual(again, value), 'a notification does not come back');
    }
  },
});

export const peerTargets: readonly Target[] = [
  quorum('leader'),
  quorum('learner'),
  election('dialled'),
  election('accepted'),
  {
    name: 'quorum-packet',
    covers,
    seeds: () =>
      capturedConnections('quorum').flatMap(({ dialler }) =>
        new QuorumStreamDecoder({ side: 'leader' })
          .push(dialler)
          .flatMap((item) => (item.kind === 'packet' ? [packetBytes(item.packet)] : [])),
      ),
    run: (input) => roundTrips(codec(zk.encodeQuorumPacket, zk.decodeQuorumPacket), input),
  },
];

function packetBytes(packet: zk.QuorumPacket): Buffer {
  const writer = new zk.JuteWriter();
  zk.encodeQuorumPacket(writer, packet);
  return writer.toBuffer();
}
