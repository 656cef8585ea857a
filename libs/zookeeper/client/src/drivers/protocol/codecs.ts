/** Between the driver seam's values and the records of `@menagerie/zookeeper-protocol`, one entry a call. Pure. */
import {
  OpCode,
  decodeCreate2Response,
  decodeExistsResponse,
  decodeGetAclResponse,
  decodeGetAllChildrenNumberResponse,
  decodeGetChildren2Response,
  decodeGetDataResponse,
  decodeGetEphemeralsResponse,
  decodeMultiResponse,
  decodeSetAclResponse,
  decodeSetDataResponse,
  decodeWhoAmIResponse,
  encodeAddWatchRequest,
  encodeCreateRequest,
  encodeCreateTtlRequest,
  encodeDeleteRequest,
  encodeExistsRequest,
  encodeGetAclRequest,
  encodeGetAllChildrenNumberRequest,
  encodeGetChildren2Request,
  encodeGetDataRequest,
  encodeGetEphemeralsRequest,
  encodeMultiReadRequest,
  encodeMultiRequest,
  encodeReconfigRequest,
  encodeRemoveWatchesRequest,
  encodeSetAclRequest,
  encodeSetDataRequest,
  encodeSyncRequest,
  type JuteReader,
  type JuteWriter,
} from '@menagerie/zookeeper-protocol';
import type { WireCallName, WireCalls } from '../../driver.js';
import { createOpCode, toMultiOp, toReadOp, toReadResult, toWriteResult } from './multi-records.js';
import { ownBytes } from './own-bytes.js';

/** Credentials travel as packets of their own kind, see `Connection`. */
export type EncodedCallName = Exclude<WireCallName, 'addAuth'>;

interface Codec<N extends EncodedCallName> {
  readonly opCode: number | ((request: WireCalls[N]['request']) => number);
  readonly encode: (writer: JuteWriter, request: WireCalls[N]['request']) => void;
  readonly decode: (reader: JuteReader) => WireCalls[N]['reply'];
}

const nothing = (): object => ({});

const data = (reader: JuteReader): WireCalls['getData']['reply'] => {
  const response = decodeGetDataResponse(reader);
  return { data: ownBytes(response.data), stat: response.stat };
};

const codecs: { readonly [N in EncodedCallName]: Codec<N> } = {
  create: {
    opCode: ({ mode }) => createOpCode(mode),
    encode: (writer, { path, data, acl, mode, ttlMs }) => {
      if (ttlMs === undefined) encodeCreateRequest(writer, { path, data, acl, flags: mode });
      else encodeCreateTtlRequest(writer, { path, data, acl, flags: mode, ttlMs: BigInt(ttlMs) });
    },
    decode: decodeCreate2Response,
  },
  delete: { opCode: OpCode.delete, encode: encodeDeleteRequest, decode: nothing },
  exists: { opCode: OpCode.exists, encode: encodeExistsRequest, decode: decodeExistsResponse },
  getData: { opCode: OpCode.getData, encode: encodeGetDataRequest, decode: data },
  setData: { opCode: OpCode.setData, encode: encodeSetDataRequest, decode: decodeSetDataResponse },
  getChildren: {
    opCode: OpCode.getChildren2,
    encode: encodeGetChildren2Request,
    decode: decodeGetChildren2Response,
  },
  getAcl: {
    opCode: OpCode.getAcl,
    encode: encodeGetAclRequest,
    decode: (reader) => {
      const { acl, stat } = decodeGetAclResponse(reader);
      return { acl: acl ?? [], stat };
    },
  },
  setAcl: { opCode: OpCode.setAcl, encode: encodeSetAclRequest, decode: decodeSetAclResponse },
  multi: {
    opCode: OpCode.multi,
    encode: (writer, { ops }) => encodeMultiRequest(writer, { ops: ops.map(toMultiOp) }),
    decode: (reader) => ({ results: decodeMultiResponse(reader).results.map(toWriteResult) }),
  },
  multiRead: {
    opCode: OpCode.multiRead,
    encode: (writer, { ops }) => encodeMultiReadRequest(writer, { ops: ops.map(toReadOp) }),
    decode: (reader) => ({ results: decodeMultiResponse(reader).results.map(toReadResult) }),
  },
  addWatch: { opCode: OpCode.addWatch, encode: encodeAddWatchRequest, decode: nothing },
  removeWatches: { opCode: OpCode.removeWatches, encode: encodeRemoveWatchesRequest, decode: nothing },
  whoAmI: {
    opCode: OpCode.whoAmI,
    encode: () => undefined,
    decode: (reader) => ({
      identities: decodeWhoAmIResponse(reader).clientInfo.map(({ authScheme, user }) => ({ scheme: authScheme, user })),
    }),
  },
  getEphemerals: {
    opCode: OpCode.getEphemerals,
    encode: (writer, { prefix }) => encodeGetEphemeralsRequest(writer, { prefixPath: prefix }),
    decode: (reader) => ({ paths: decodeGetEphemeralsResponse(reader).ephemerals }),
  },
  getAllChildrenNumber: {
    opCode: OpCode.getAllChildrenNumber,
    encode: encodeGetAllChildrenNumberRequest,
    decode: (reader) => ({ count: decodeGetAllChildrenNumberResponse(reader).totalNumber }),
  },
  reconfig: {
    opCode: OpCode.reconfig,
    encode: (writer, { joining, leaving, members, ifVersion }) =>
      encodeReconfigRequest(writer, {
        joiningServers: joining,
        leavingServers: leaving,
        newMembers: members,
        curConfigId: ifVersion,
      }),
    decode: data,
  },
  sync: { opCode: OpCode.sync, encode: encodeSyncRequest, decode: nothing },
};

type AnyCodec = Codec<EncodedCallName>;

/** What belongs into a request's header. */
export function opCodeOf<N extends EncodedCallName>(name: N, request: WireCalls[N]['request']): number {
  const { opCode } = codecs[name] as unknown as AnyCodec;
  return typeof opCode === 'number' ? opCode : opCode(request as never);
}

/** Writes what is behind a request's header. */
export function encodeWireCall<N extends EncodedCallName>(
  name: N,
): (writer: JuteWriter, request: WireCalls[N]['request']) => void {
  return codecs[name].encode as (writer: JuteWriter, request: WireCalls[N]['request']) => void;
}

/** Reads what is behind the header of a reply without an error. */
export function decodeWireReply<N extends EncodedCallName>(name: N): (reader: JuteReader) => WireCalls[N]['reply'] {
  return codecs[name].decode as (reader: JuteReader) => WireCalls[N]['reply'];
}
