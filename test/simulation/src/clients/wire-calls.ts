/** The client library's calls as the protocol's records. */
import type { WireCallName, WireCalls, WireMultiOp, WireMultiResult } from '@menagerie/zookeeper-client';
import {
  decodeCreateResponse,
  decodeExistsResponse,
  decodeGetAclResponse,
  decodeGetChildren2Response,
  decodeGetDataResponse,
  decodeMultiResponse,
  decodeSetAclResponse,
  decodeSetDataResponse,
  encodeCreateRequest,
  encodeDeleteRequest,
  encodeExistsRequest,
  encodeGetAclRequest,
  encodeGetChildren2Request,
  encodeGetDataRequest,
  encodeMultiRequest,
  encodeSetAclRequest,
  encodeSetDataRequest,
  encodeSyncRequest,
  type JuteReader,
  type JuteWriter,
  type MultiResult,
  type MultiWriteOp,
  OpCode,
} from '@menagerie/zookeeper-protocol';

export interface EncodedCall {
  readonly type: OpCode;
  readonly body: (writer: JuteWriter) => void;
}

type Encoders = { readonly [N in WireCallName]?: (request: WireCalls[N]['request']) => EncodedCall };
type Decoders = { readonly [N in WireCallName]?: (reader: JuteReader) => WireCalls[N]['reply'] };

const encoders: Encoders = {
  create: (request) => ({
    type: OpCode.create,
    body: (writer) => encodeCreateRequest(writer, { ...request, flags: request.mode }),
  }),
  delete: (request) => ({ type: OpCode.delete, body: (writer) => encodeDeleteRequest(writer, request) }),
  exists: (request) => ({ type: OpCode.exists, body: (writer) => encodeExistsRequest(writer, request) }),
  getData: (request) => ({ type: OpCode.getData, body: (writer) => encodeGetDataRequest(writer, request) }),
  setData: (request) => ({ type: OpCode.setData, body: (writer) => encodeSetDataRequest(writer, request) }),
  getChildren: (request) => ({
    type: OpCode.getChildren2,
    body: (writer) => encodeGetChildren2Request(writer, request),
  }),
  getAcl: (request) => ({ type: OpCode.getAcl, body: (writer) => encodeGetAclRequest(writer, request) }),
  setAcl: (request) => ({ type: OpCode.setAcl, body: (writer) => encodeSetAclRequest(writer, request) }),
  sync: (request) => ({ type: OpCode.sync, body: (writer) => encodeSyncRequest(writer, request) }),
  multi: ({ ops }) => ({
    type: OpCode.multi,
    body: (writer) => encodeMultiRequest(writer, { ops: ops.map(toMultiOp) }),
  }),
};

const decoders: Decoders = {
  create: decodeCreateResponse,
  delete: () => ({}),
  exists: decodeExistsResponse,
  getData: (reader) => {
    const { data, stat } = decodeGetDataResponse(reader);
    return { data: Buffer.from(data ?? []), stat };
  },
  setData: decodeSetDataResponse,
  getChildren: (reader) => {
    const { children, stat } = decodeGetChildren2Response(reader);
    return { children: children ?? [], stat };
  },
  getAcl: (reader) => {
    const { acl, stat } = decodeGetAclResponse(reader);
    return { acl: acl ?? [], stat };
  },
  setAcl: decodeSetAclResponse,
  sync: () => ({}),
  multi: (reader) => ({ results: decodeMultiResponse(reader).results.map(fromMultiResult) }),
};

export function encodeWireCall<N extends WireCallName>(name: N, request: WireCalls[N]['request']): EncodedCall {
  const encode = encoders[name];
  if (encode === undefined) throw new Error(`expected a call that the simulated driver has, got ${name}`);
  return encode(request);
}

export function decodeWireReply<N extends WireCallName>(name: N, reader: JuteReader): WireCalls[N]['reply'] {
  return decoders[name]!(reader);
}

function toMultiOp(op: WireMultiOp): MultiWriteOp {
  switch (op.kind) {
    case 'create':
      return { type: OpCode.create, request: { path: op.path, data: op.data, acl: op.acl, flags: op.mode } };
    case 'delete':
      return { type: OpCode.delete, request: op };
    case 'set-data':
      return { type: OpCode.setData, request: op };
    case 'check':
      return { type: OpCode.check, request: op };
  }
}

function fromMultiResult(result: MultiResult): WireMultiResult {
  switch (result.type) {
    case OpCode.create:
      return { kind: 'create', path: result.path };
    case OpCode.delete:
      return { kind: 'delete' };
    case OpCode.setData:
      return { kind: 'set-data', stat: result.stat };
    case OpCode.check:
      return { kind: 'check' };
    case OpCode.error:
      return { kind: 'error', wireCode: result.err };
    default:
      throw new Error(`expected a result of a multi's operation, got type ${result.type}`);
  }
}
