/** The operations by name, over the raw client: what each sends and what its answer holds, and no more than that. */
import {
  type Acl,
  type AddWatchRequest,
  type ClientInfo,
  type CreateRequest,
  decodeCreate2Response,
  decodeCreateResponse,
  decodeErrorResponse,
  decodeGetAclResponse,
  decodeGetAllChildrenNumberResponse,
  decodeGetChildren2Response,
  decodeGetChildrenResponse,
  decodeGetDataResponse,
  decodeGetEphemeralsResponse,
  decodeMultiResponse,
  decodeStat,
  decodeSyncResponse,
  decodeWhoAmIResponse,
  encodeAddWatchRequest,
  encodeAuthRequest,
  encodeCheckWatchesRequest,
  encodeCreateRequest,
  encodeCreateTtlRequest,
  encodeDeleteRequest,
  encodeExistsRequest,
  encodeGetAclRequest,
  encodeGetAllChildrenNumberRequest,
  encodeGetChildren2Request,
  encodeGetChildrenRequest,
  encodeGetDataRequest,
  encodeGetEphemeralsRequest,
  encodeMultiReadRequest,
  encodeMultiRequest,
  encodeReconfigRequest,
  encodeSetAclRequest,
  encodeSetDataRequest,
  encodeSetWatches2Request,
  encodeSetWatchesRequest,
  encodeSyncRequest,
  JuteReader,
  JuteWriter,
  type MultiReadOp,
  type MultiResult,
  type MultiWriteOp,
  OPEN_ACL,
  OpCode,
  type ReconfigRequest,
  type SetWatches2Request,
  type SetWatchesRequest,
  type Stat,
  Xid,
} from '@menagerie/zookeeper-protocol';
import { RawClient } from './raw-client.js';

/** `value` is null exactly if `error` is not 'Ok'. */
export interface Answer<T> {
  readonly error: string;
  readonly xid: number;
  readonly zxid: bigint;
  readonly value: T | null;
}

/** The value of an answer that has to be a success. */
export function ok<T>(answer: Answer<T>): T {
  if (answer.value === null) throw new Error(`expected the answer Ok, the server said ${answer.error}`);
  return answer.value;
}

export interface CreateOptions {
  readonly data?: Buffer | string | null;
  readonly acl?: readonly Acl[] | null;
  readonly flags?: number;
}

const bytesOf = (data: Buffer | string | null): Buffer | null => (typeof data === 'string' ? Buffer.from(data) : data);

/** Encodes one record on its own. */
export function encode<T>(encoder: (writer: JuteWriter, message: T) => void, message: T): Buffer {
  const writer = new JuteWriter(256);
  encoder(writer, message);
  return writer.toBuffer();
}

export const createRequest = (path: string, options: CreateOptions = {}): CreateRequest => ({
  path,
  data: bytesOf(options.data === undefined ? '' : options.data),
  acl: options.acl === undefined ? OPEN_ACL : options.acl,
  flags: options.flags ?? 0,
});

const nothing = (): Record<string, never> => ({});
const statOf = (reader: JuteReader): Stat => decodeStat(reader);

export class Client extends RawClient {
  /** Sends one request and reads its answer; `decode` sees the body of a success. */
  async call<T>(type: number, body: Buffer, decode: (reader: JuteReader) => T, xid?: number): Promise<Answer<T>> {
    const reply = await this.request(type, body, xid);
    const value = reply.error === 'Ok' ? decode(new JuteReader(reply.body)) : null;
    return { error: reply.error, xid: reply.xid, zxid: reply.zxid, value };
  }

  async create(path: string, options?: CreateOptions): Promise<Answer<string>> {
    const body = encode(encodeCreateRequest, createRequest(path, options));
    return this.call(OpCode.create, body, (reader) => decodeCreateResponse(reader).path);
  }

  create2(path: string, options?: CreateOptions): Promise<Answer<{ path: string; stat: Stat }>> {
    return this.call(OpCode.create2, encode(encodeCreateRequest, createRequest(path, options)), decodeCreate2Response);
  }

  createContainer(path: string, options?: CreateOptions): Promise<Answer<{ path: string; stat: Stat }>> {
    const body = encode(encodeCreateRequest, createRequest(path, { flags: 4, ...options }));
    return this.call(OpCode.createContainer, body, decodeCreate2Response);
  }

  createTtl(path: string, ttlMs: bigint, options?: CreateOptions): Promise<Answer<{ path: string; stat: Stat }>> {
    const body = encode(encodeCreateTtlRequest, { ...createRequest(path, { flags: 5, ...options }), ttlMs });
    return this.call(OpCode.createTtl, body, decodeCreate2Response);
  }

  delete(path: string, version = -1): Promise<Answer<Record<string, never>>> {
    return this.call(OpCode.delete, encode(encodeDeleteRequest, { path, version }), nothing);
  }

  exists(path: string, watch = false): Promise<Answer<Stat>> {
    return this.call(OpCode.exists, encode(encodeExistsRequest, { path, watch }), statOf);
  }

  getData(path: string, watch = false): Promise<Answer<{ data: Buffer | null; stat: Stat }>> {
    return this.call(OpCode.getData, encode(encodeGetDataRequest, { path, watch }), decodeGetDataResponse);
  }

  setData(path: string, data: Buffer | string | null, version = -1): Promise<Answer<Stat>> {
    return this.call(OpCode.setData, encode(encodeSetDataRequest, { path, data: bytesOf(data), version }), statOf);
  }

  getAcl(path: string): Promise<Answer<{ acl: readonly Acl[] | null; stat: Stat }>> {
    return this.call(OpCode.getAcl, encode(encodeGetAclRequest, { path }), decodeGetAclResponse);
  }

  setAcl(path: string, acl: readonly Acl[] | null, version = -1): Promise<Answer<Stat>> {
    return this.call(OpCode.setAcl, encode(encodeSetAclRequest, { path, acl, version }), statOf);
  }

  /** Names in alphabetical order: the server promises none. */
  getChildren(path: string, watch = false): Promise<Answer<string[]>> {
    const body = encode(encodeGetChildrenRequest, { path, watch });
    return this.call(OpCode.getChildren, body, (reader) => [...decodeGetChildrenResponse(reader).children].sort());
  }

  getChildren2(path: string, watch = false): Promise<Answer<{ children: string[]; stat: Stat }>> {
    return this.call(OpCode.getChildren2, encode(encodeGetChildren2Request, { path, watch }), (reader) => {
      const { children, stat } = decodeGetChildren2Response(reader);
      return { children: [...children].sort(), stat };
    });
  }

  sync(path: string): Promise<Answer<string>> {
    return this.call(OpCode.sync, encode(encodeSyncRequest, { path }), (reader) => decodeSyncResponse(reader).path);
  }

  multi(ops: readonly MultiWriteOp[]): Promise<Answer<readonly MultiResult[]>> {
    return this.call(
      OpCode.multi,
      encode(encodeMultiRequest, { ops }),
      (reader) => decodeMultiResponse(reader).results,
    );
  }

  multiRead(ops: readonly MultiReadOp[]): Promise<Answer<readonly MultiResult[]>> {
    const body = encode(encodeMultiReadRequest, { ops });
    return this.call(OpCode.multiRead, body, (reader) => decodeMultiResponse(reader).results);
  }

  reconfig(request: Partial<ReconfigRequest>): Promise<Answer<{ data: Buffer | null; stat: Stat }>> {
    const none = { joiningServers: null, leavingServers: null, newMembers: null, curConfigId: -1n };
    return this.call(OpCode.reconfig, encode(encodeReconfigRequest, { ...none, ...request }), decodeGetDataResponse);
  }

  checkWatches(path: string, type: number): Promise<Answer<Record<string, never>>> {
    return this.call(OpCode.checkWatches, encode(encodeCheckWatchesRequest, { path, type }), nothing);
  }

  removeWatches(path: string, type: number): Promise<Answer<Record<string, never>>> {
    return this.call(OpCode.removeWatches, encode(encodeCheckWatchesRequest, { path, type }), nothing);
  }

  auth(scheme: string, auth: string | Buffer | null): Promise<Answer<Record<string, never>>> {
    const body = encode(encodeAuthRequest, { type: 0, scheme, auth: bytesOf(auth) });
    return this.call(OpCode.auth, body, nothing, Xid.auth);
  }

  setWatches(request: Partial<SetWatchesRequest>): Promise<Answer<Record<string, never>>> {
    return this.call(OpCode.setWatches, encode(encodeSetWatchesRequest, { ...NO_WATCHES, ...request }), nothing);
  }

  setWatches2(request: Partial<SetWatches2Request>): Promise<Answer<Record<string, never>>> {
    return this.call(OpCode.setWatches2, encode(encodeSetWatches2Request, { ...NO_WATCHES, ...request }), nothing);
  }

  addWatch(path: string, mode: AddWatchRequest['mode']): Promise<Answer<{ err: number }>> {
    return this.call(OpCode.addWatch, encode(encodeAddWatchRequest, { path, mode }), decodeErrorResponse);
  }

  /** Paths in alphabetical order. */
  getEphemerals(prefixPath: string | null): Promise<Answer<string[]>> {
    const body = encode(encodeGetEphemeralsRequest, { prefixPath });
    return this.call(OpCode.getEphemerals, body, (reader) =>
      [...decodeGetEphemeralsResponse(reader).ephemerals].sort(),
    );
  }

  getAllChildrenNumber(path: string): Promise<Answer<number>> {
    const body = encode(encodeGetAllChildrenNumberRequest, { path });
    return this.call(
      OpCode.getAllChildrenNumber,
      body,
      (reader) => decodeGetAllChildrenNumberResponse(reader).totalNumber,
    );
  }

  whoAmI(): Promise<Answer<readonly ClientInfo[]>> {
    return this.call(OpCode.whoAmI, Buffer.alloc(0), (reader) => decodeWhoAmIResponse(reader).clientInfo);
  }
}

const NO_WATCHES: SetWatches2Request = {
  relativeZxid: 0n,
  dataWatches: [],
  existWatches: [],
  childWatches: [],
  persistentWatches: [],
  persistentRecursiveWatches: [],
};
