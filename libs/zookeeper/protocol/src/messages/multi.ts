/**
 * multi (14), one atomic write transaction, and multiRead (22), reads from one moment of the server's state.
 *
 *   MultiHeader   = int type, boolean done, int err
 *   MultiRequest  = (MultiHeader(type, false, -1), request record of that type)*, MultiHeader(-1, true, -1)
 *   MultiResponse = (MultiHeader(type, false, err), response record of that type)*, MultiHeader(-1, true, -1)
 *
 * A result of type -1 carries its error code twice, in its header and as an ErrorResponse. A failed multi is a reply
 * without error in its ReplyHeader: the first result whose code is not 0 tells. Empty requests are legal.
 * Source: MultiOperationRecord.java, MultiResponse.java.
 */
import { OpCode } from '../constants/op-codes.js';
import { JuteError } from '../errors.js';
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeStat, encodeStat } from '../records.js';
import type { Stat } from '../types.js';
import { type CheckRequest, decodeCheckRequest, encodeCheckRequest } from './check.js';
import {
  type Create2Response,
  type CreateRequest,
  type CreateResponse,
  type CreateTtlRequest,
  decodeCreateRequest,
  decodeCreateTtlRequest,
  encodeCreateRequest,
  encodeCreateTtlRequest,
} from './create.js';
import { decodeDeleteRequest, type DeleteRequest, encodeDeleteRequest } from './delete.js';
import {
  decodeGetChildrenRequest,
  decodeGetChildrenResponse,
  encodeGetChildrenRequest,
  encodeGetChildrenResponse,
  type GetChildrenRequest,
  type GetChildrenResponse,
} from './get-children.js';
import {
  decodeGetDataRequest,
  decodeGetDataResponse,
  encodeGetDataRequest,
  encodeGetDataResponse,
  type GetDataRequest,
  type GetDataResponse,
} from './get-data.js';
import { decodeSetDataRequest, encodeSetDataRequest, type SetDataRequest, type SetDataResponse } from './set-data.js';

export type MultiWriteOp =
  | {
      readonly type: typeof OpCode.create | typeof OpCode.create2 | typeof OpCode.createContainer;
      readonly request: CreateRequest;
    }
  | { readonly type: typeof OpCode.createTtl; readonly request: CreateTtlRequest }
  | { readonly type: typeof OpCode.delete; readonly request: DeleteRequest }
  | { readonly type: typeof OpCode.setData; readonly request: SetDataRequest }
  | { readonly type: typeof OpCode.check; readonly request: CheckRequest };

/** The `watch` flag of a read inside a multiRead is ignored by servers. */
export type MultiReadOp =
  | { readonly type: typeof OpCode.getData; readonly request: GetDataRequest }
  | { readonly type: typeof OpCode.getChildren; readonly request: GetChildrenRequest };

export type MultiOp = MultiWriteOp | MultiReadOp;

export interface MultiRequest {
  readonly ops: readonly MultiWriteOp[];
}

export interface MultiReadRequest {
  readonly ops: readonly MultiReadOp[];
}

/** The results of createTTL and createContainer come back as `create2`. */
export type MultiResult =
  | ({ readonly type: typeof OpCode.create } & CreateResponse)
  | ({ readonly type: typeof OpCode.create2 } & Create2Response)
  | { readonly type: typeof OpCode.delete | typeof OpCode.check }
  | ({ readonly type: typeof OpCode.setData } & SetDataResponse)
  | ({ readonly type: typeof OpCode.getData } & GetDataResponse)
  | ({ readonly type: typeof OpCode.getChildren } & GetChildrenResponse)
  | { readonly type: typeof OpCode.error; readonly err: number };

/** The answer to a multi and to a multiRead alike. */
export interface MultiResponse {
  readonly results: readonly MultiResult[];
}

export function encodeMultiRequest(writer: JuteWriter, message: MultiRequest): void {
  for (const op of message.ops) {
    encodeMultiHeader(writer, op.type, false, -1);
    switch (op.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
        encodeCreateRequest(writer, op.request);
        break;
      case OpCode.createTtl:
        encodeCreateTtlRequest(writer, op.request);
        break;
      case OpCode.delete:
        encodeDeleteRequest(writer, op.request);
        break;
      case OpCode.setData:
        encodeSetDataRequest(writer, op.request);
        break;
      case OpCode.check:
        encodeCheckRequest(writer, op.request);
        break;
      default:
        return neverAnOp(op);
    }
  }
  encodeMultiHeader(writer, -1, true, -1);
}

/** @throws JuteError on an operation that is not a write; Apache answers it with a marshalling error */
export function decodeMultiRequest(reader: JuteReader): MultiRequest {
  const ops: MultiWriteOp[] = [];
  for (let type = decodeMultiHeader(reader); type !== null; type = decodeMultiHeader(reader)) {
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
        ops.push({ type, request: decodeCreateRequest(reader) });
        break;
      case OpCode.createTtl:
        ops.push({ type, request: decodeCreateTtlRequest(reader) });
        break;
      case OpCode.delete:
        ops.push({ type, request: decodeDeleteRequest(reader) });
        break;
      case OpCode.setData:
        ops.push({ type, request: decodeSetDataRequest(reader) });
        break;
      case OpCode.check:
        ops.push({ type, request: decodeCheckRequest(reader) });
        break;
      default:
        throw unexpectedType(reader, type, 'a write operation of a multi');
    }
  }
  return { ops };
}

export function encodeMultiReadRequest(writer: JuteWriter, message: MultiReadRequest): void {
  for (const op of message.ops) {
    encodeMultiHeader(writer, op.type, false, -1);
    if (op.type === OpCode.getData) encodeGetDataRequest(writer, op.request);
    else encodeGetChildrenRequest(writer, op.request);
  }
  encodeMultiHeader(writer, -1, true, -1);
}

/** @throws JuteError on an operation that is not a read */
export function decodeMultiReadRequest(reader: JuteReader): MultiReadRequest {
  const ops: MultiReadOp[] = [];
  for (let type = decodeMultiHeader(reader); type !== null; type = decodeMultiHeader(reader)) {
    if (type === OpCode.getData) ops.push({ type, request: decodeGetDataRequest(reader) });
    else if (type === OpCode.getChildren) ops.push({ type, request: decodeGetChildrenRequest(reader) });
    else throw unexpectedType(reader, type, 'a read operation of a multiRead');
  }
  return { ops };
}

export function encodeMultiResponse(writer: JuteWriter, message: MultiResponse): void {
  for (const result of message.results) {
    encodeMultiHeader(writer, result.type, false, result.type === OpCode.error ? result.err : 0);
    switch (result.type) {
      case OpCode.create:
        writer.writeString(result.path);
        break;
      case OpCode.create2:
        writer.writeString(result.path);
        encodeStat(writer, result.stat);
        break;
      case OpCode.delete:
      case OpCode.check:
        break;
      case OpCode.setData:
        encodeStat(writer, result.stat);
        break;
      case OpCode.getData:
        encodeGetDataResponse(writer, result);
        break;
      case OpCode.getChildren:
        encodeGetChildrenResponse(writer, result);
        break;
      case OpCode.error:
        writer.writeInt(result.err);
        break;
      default:
        return neverAnOp(result);
    }
  }
  encodeMultiHeader(writer, -1, true, -1);
}

export function decodeMultiResponse(reader: JuteReader): MultiResponse {
  const results: MultiResult[] = [];
  for (let type = decodeMultiHeader(reader); type !== null; type = decodeMultiHeader(reader)) {
    results.push(decodeMultiResult(reader, type));
  }
  return { results };
}

function decodeMultiResult(reader: JuteReader, type: number): MultiResult {
  switch (type) {
    case OpCode.create:
      return { type, path: reader.readRequiredString() };
    case OpCode.create2: {
      const path = reader.readRequiredString();
      const stat: Stat = decodeStat(reader);
      return { type, path, stat };
    }
    case OpCode.delete:
    case OpCode.check:
      return { type };
    case OpCode.setData:
      return { type, stat: decodeStat(reader) };
    case OpCode.getData:
      return { type, ...decodeGetDataResponse(reader) };
    case OpCode.getChildren:
      return { type, ...decodeGetChildrenResponse(reader) };
    case OpCode.error:
      return { type, err: reader.readInt() };
    default:
      throw unexpectedType(reader, type, 'a result of a multi');
  }
}

function encodeMultiHeader(writer: JuteWriter, type: number, done: boolean, err: number): void {
  writer.writeInt(type);
  writer.writeBool(done);
  writer.writeInt(err);
}

/** The type of the next element, null at the end of the list. The error in the header is repeated in the body. */
function decodeMultiHeader(reader: JuteReader): number | null {
  const type = reader.readInt();
  const done = reader.readBool();
  reader.readInt();
  return done ? null : type;
}

function unexpectedType(reader: JuteReader, type: number, expected: string): JuteError {
  return new JuteError('ZK_JUTE_VALUE', `expected ${expected}, got type ${type}`, reader.offset);
}

function neverAnOp(op: never): never {
  throw new TypeError(`expected an element of a multi, got type ${(op as { type: number }).type}`);
}
