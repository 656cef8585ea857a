/** The calls of a history as frames, and replies as outcomes. */
import {
  CreateMode,
  decodeCreate2Response,
  decodeGetChildren2Response,
  decodeGetDataResponse,
  decodeSetDataResponse,
  encodeCreateRequest,
  encodeDeleteRequest,
  encodeExistsRequest,
  encodeGetChildren2Request,
  encodeGetDataRequest,
  encodeRequestHeader,
  encodeSetDataRequest,
  encodeSyncRequest,
  ErrorCode,
  OPEN_ACL,
  OpCode,
  type JuteReader,
  JuteWriter,
  type ReplyHeader,
} from '@menagerie/zookeeper-protocol';
import type { Call, Outcome } from '@menagerie/zookeeper-testing';

/** What a caller says; who and in which session is the client's to know. */
export type Ask = Omit<Call, 'client' | 'sessionId'>;

const OP_CODES = {
  create: OpCode.create2,
  set: OpCode.setData,
  delete: OpCode.delete,
  get: OpCode.getData,
  exists: OpCode.exists,
  children: OpCode.getChildren2,
  sync: OpCode.sync,
} as const;

export function encodeAsk(xid: number, ask: Ask): Buffer {
  const { path, watch = false, version = -1 } = ask;
  const data = ask.value === undefined ? null : Buffer.from(ask.value);
  return framed((writer) => {
    encodeRequestHeader(writer, { xid, type: OP_CODES[ask.kind] });
    switch (ask.kind) {
      case 'create':
        return encodeCreateRequest(writer, { path, data, acl: OPEN_ACL, flags: modeOf(ask) });
      case 'set':
        return encodeSetDataRequest(writer, { path, data, version });
      case 'delete':
        return encodeDeleteRequest(writer, { path, version });
      case 'get':
        return encodeGetDataRequest(writer, { path, watch });
      case 'exists':
        return encodeExistsRequest(writer, { path, watch });
      case 'children':
        return encodeGetChildren2Request(writer, { path, watch });
      case 'sync':
        return encodeSyncRequest(writer, { path });
    }
  });
}

export function decodeOutcome(ask: Ask, { zxid, err }: ReplyHeader, reader: JuteReader): Outcome {
  if (err !== 0) return { kind: 'refused', zxid, error: ERRORS.get(err) ?? 'other' };
  switch (ask.kind) {
    case 'create':
      return { kind: 'done', zxid, ...decodeCreate2Response(reader) };
    case 'get': {
      const { data, stat } = decodeGetDataResponse(reader);
      return { kind: 'done', zxid, stat, value: (data ?? Buffer.alloc(0)).toString() };
    }
    case 'set':
    case 'exists':
      return { kind: 'done', zxid, stat: decodeSetDataResponse(reader).stat };
    case 'children': {
      const { children, stat } = decodeGetChildren2Response(reader);
      return { kind: 'done', zxid, children: children ?? [], stat };
    }
    case 'delete':
    case 'sync':
      return { kind: 'done', zxid };
  }
}

export function framed(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  const mark = writer.beginFrame();
  write(writer);
  writer.endFrame(mark);
  return writer.toBuffer();
}

const ERRORS: ReadonlyMap<number, (Outcome & { kind: 'refused' })['error']> = new Map([
  [ErrorCode.NoNode, 'NoNode'],
  [ErrorCode.NodeExists, 'NodeExists'],
  [ErrorCode.BadVersion, 'BadVersion'],
]);

function modeOf({ sequential = false, ephemeral = false }: Ask): CreateMode {
  if (sequential) return ephemeral ? CreateMode.ephemeralSequential : CreateMode.persistentSequential;
  return ephemeral ? CreateMode.ephemeral : CreateMode.persistent;
}
