/** What clients and servers say to each other. */
import * as zk from '@menagerie/zookeeper-protocol';
import { FrameDecoder, JuteReader, OpCode } from '@menagerie/zookeeper-protocol';
import { Refusal, type Target } from '../target.js';
import { capturedConnections } from './captures.js';
import { codec, encoded, MAX_FIELD_BYTES, protocol, roundTrips, sameInPieces, type Codec } from './support.js';

const requests = new Map<number, Codec>([
  [OpCode.create, codec(zk.encodeCreateRequest, zk.decodeCreateRequest)],
  [OpCode.createTtl, codec(zk.encodeCreateTtlRequest, zk.decodeCreateTtlRequest)],
  [OpCode.delete, codec(zk.encodeDeleteRequest, zk.decodeDeleteRequest)],
  [OpCode.exists, codec(zk.encodeExistsRequest, zk.decodeExistsRequest)],
  [OpCode.getData, codec(zk.encodeGetDataRequest, zk.decodeGetDataRequest)],
  [OpCode.setData, codec(zk.encodeSetDataRequest, zk.decodeSetDataRequest)],
  [OpCode.getAcl, codec(zk.encodeGetAclRequest, zk.decodeGetAclRequest)],
  [OpCode.setAcl, codec(zk.encodeSetAclRequest, zk.decodeSetAclRequest)],
  [OpCode.getChildren, codec(zk.encodeGetChildrenRequest, zk.decodeGetChildrenRequest)],
  [OpCode.getChildren2, codec(zk.encodeGetChildren2Request, zk.decodeGetChildren2Request)],
  [OpCode.sync, codec(zk.encodeSyncRequest, zk.decodeSyncRequest)],
  [OpCode.check, codec(zk.encodeCheckRequest, zk.decodeCheckRequest)],
  [OpCode.multi, codec(zk.encodeMultiRequest, zk.decodeMultiRequest)],
  [OpCode.multiRead, codec(zk.encodeMultiReadRequest, zk.decodeMultiReadRequest)],
  [OpCode.reconfig, codec(zk.encodeReconfigRequest, zk.decodeReconfigRequest)],
  [OpCode.checkWatches, codec(zk.encodeCheckWatchesRequest, zk.decodeCheckWatchesRequest)],
  [OpCode.auth, codec(zk.encodeAuthRequest, zk.decodeAuthRequest)],
  [OpCode.setWatches, codec(zk.encodeSetWatchesRequest, zk.decodeSetWatchesRequest)],
  [OpCode.setWatches2, codec(zk.encodeSetWatches2Request, zk.decodeSetWatches2Request)],
  [OpCode.sasl, codec(zk.encodeSaslRequest, zk.decodeSaslRequest)],
  [OpCode.getEphemerals, codec(zk.encodeGetEphemeralsRequest, zk.decodeGetEphemeralsRequest)],
  [OpCode.getAllChildrenNumber, codec(zk.encodeGetAllChildrenNumberRequest, zk.decodeGetAllChildrenNumberRequest)],
  [OpCode.addWatch, codec(zk.encodeAddWatchRequest, zk.decodeAddWatchRequest)],
]);
for (const same of [OpCode.create2, OpCode.createContainer]) requests.set(same, requests.get(OpCode.create)!);
requests.set(OpCode.removeWatches, requests.get(OpCode.checkWatches)!);

/** By their place: an answer does not say what it answers, so the first byte of the input does. */
const replies: readonly Codec[] = [
  codec(zk.encodeCreateResponse, zk.decodeCreateResponse),
  codec(zk.encodeCreate2Response, zk.decodeCreate2Response),
  codec(zk.encodeExistsResponse, zk.decodeExistsResponse),
  codec(zk.encodeGetDataResponse, zk.decodeGetDataResponse),
  codec(zk.encodeSetDataResponse, zk.decodeSetDataResponse),
  codec(zk.encodeGetAclResponse, zk.decodeGetAclResponse),
  codec(zk.encodeSetAclResponse, zk.decodeSetAclResponse),
  codec(zk.encodeGetChildrenResponse, zk.decodeGetChildrenResponse),
  codec(zk.encodeGetChildren2Response, zk.decodeGetChildren2Response),
  codec(zk.encodeSyncResponse, zk.decodeSyncResponse),
  codec(zk.encodeMultiResponse, zk.decodeMultiResponse),
  codec(zk.encodeGetEphemeralsResponse, zk.decodeGetEphemeralsResponse),
  codec(zk.encodeGetAllChildrenNumberResponse, zk.decodeGetAllChildrenNumberResponse),
  codec(zk.encodeWhoAmIResponse, zk.decodeWhoAmIResponse),
  codec(zk.encodeErrorResponse, zk.decodeErrorResponse),
  codec(zk.encodeWatcherEvent, zk.decodeWatcherEvent),
  codec(zk.encodeConnectResponse, zk.decodeConnectResponse),
  codec(zk.encodeReplyHeader, zk.decodeReplyHeader),
];

const frames = (stream: Buffer): Buffer[] => new FrameDecoder().push(stream);
const covers = 'zookeeper/protocol/dist';

export const clientTargets: readonly Target[] = [
  {
    name: 'client-request',
    covers,
    seeds: () => [
      ...capturedConnections('client').flatMap(({ dialler }) => frames(dialler).slice(1)),
      // The types that no capture has.
      ...[...requests.keys()].map((type) => encoded((writer) => zk.encodeRequestHeader(writer, { xid: 1, type }))),
    ],
    run: (input) => {
      const reader = new JuteReader(input, MAX_FIELD_BYTES);
      const { type } = protocol(() => zk.decodeRequestHeader(reader));
      const request = requests.get(type);
      if (request === undefined) throw new Refusal('no such operation');
      roundTrips(request, input.subarray(reader.offset));
    },
  },
  {
    name: 'client-reply',
    covers,
    seeds: () => {
      const captured = capturedConnections('client').flatMap(({ acceptor }) => frames(acceptor));
      return replies.flatMap((_, which) =>
        captured.slice(0, 40).map((frame) => Buffer.concat([Buffer.from([which]), frame.subarray(16)])),
      );
    },
    run: (input) => roundTrips(replies[(input[0] ?? 0) % replies.length]!, input.subarray(1)),
  },
  {
    name: 'connect',
    covers,
    seeds: () => capturedConnections('client').flatMap(({ dialler }) => frames(dialler).slice(0, 1)),
    run: (input) => roundTrips(codec(zk.encodeConnectRequest, zk.decodeConnectRequest), input),
  },
  {
    name: 'frames',
    covers,
    seeds: () => capturedConnections('client').flatMap(({ dialler, acceptor }) => [dialler, acceptor]),
    run: (input) => {
      const payloads = sameInPieces(input, (chunks) => {
        const decoder = new FrameDecoder({ maxFrameBytes: MAX_FIELD_BYTES });
        return chunks.flatMap((chunk) => decoder.push(chunk));
      });
      const whole = Buffer.concat(payloads.map((payload) => zk.frame(payload)));
      if (!input.subarray(0, whole.length).equals(whole)) throw new Error('the frames are not what was sent');
    },
  },
];
