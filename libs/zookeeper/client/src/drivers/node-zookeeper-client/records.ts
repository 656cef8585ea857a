/** Between the driver seam's values and node-zookeeper-client's records (whose longs are 8-byte buffers). */
import type { Acl, Stat } from '@menagerie/zookeeper-protocol';
import jute, { type JuteRecord } from 'node-zookeeper-client/lib/jute/index.js';
import type { WatchLists, WireCallName, WireCalls, WireMultiOp, WireMultiResult } from '../../driver.js';

/** What the package can say; the client asks for nothing else of this driver. */
type PackageCallName = Exclude<
  WireCallName,
  'multiRead' | 'addWatch' | 'removeWatches' | 'whoAmI' | 'getEphemerals' | 'getAllChildrenNumber' | 'reconfig'
>;

const { OP_CODES } = jute;

/** A request as the package queues it. */
export interface PackageRequest {
  readonly header: { type: number; xid: number };
  toBuffer(): Buffer;
}

export function makeRequest(type: number, payload: JuteRecord | null, xid = 0): PackageRequest {
  const header = new jute.protocol['RequestHeader']!(xid, type) as unknown as PackageRequest['header'];
  return Object.assign(new jute.Request(header, payload), { header });
}

const encoders: { readonly [N in PackageCallName]: (request: WireCalls[N]['request']) => PackageRequest } = {
  create: ({ path, data, acl, mode }) => call(OP_CODES.CREATE, 'CreateRequest', path, data, acl.map(toAclRecord), mode),
  delete: ({ path, version }) => call(OP_CODES.DELETE, 'DeleteRequest', path, version),
  exists: ({ path, watch }) => call(OP_CODES.EXISTS, 'ExistsRequest', path, watch),
  getData: ({ path, watch }) => call(OP_CODES.GET_DATA, 'GetDataRequest', path, watch),
  setData: ({ path, data, version }) => call(OP_CODES.SET_DATA, 'SetDataRequest', path, data, version),
  getChildren: ({ path, watch }) => call(OP_CODES.GET_CHILDREN2, 'GetChildren2Request', path, watch),
  getAcl: ({ path }) => call(OP_CODES.GET_ACL, 'GetACLRequest', path),
  setAcl: ({ path, acl, version }) => call(OP_CODES.SET_ACL, 'SetACLRequest', path, acl.map(toAclRecord), version),
  multi: ({ ops }) => makeRequest(OP_CODES.MULTI, new jute.TransactionRequest(ops.map(toTransactionOp))),
  sync: ({ path }) => syncRequest(path),
  addAuth: ({ scheme, credentials }) => authRequest(scheme, credentials),
};

/** Replies are read back as the record class the package chose for the opcode. */
const decoders: { readonly [N in PackageCallName]: (payload: JuteRecord) => WireCalls[N]['reply'] } = {
  create: (payload) => ({ path: payload['path'] as string }),
  delete: () => ({}),
  exists: (payload) => ({ stat: toStat(payload['stat']) }),
  // A node made with null data reads as one with no bytes.
  getData: (payload) => ({
    data: (payload['data'] as Buffer | undefined) ?? Buffer.alloc(0),
    stat: toStat(payload['stat']),
  }),
  setData: (payload) => ({ stat: toStat(payload['stat']) }),
  getChildren: (payload) => ({
    children: (payload['children'] as string[] | undefined) ?? [],
    stat: toStat(payload['stat']),
  }),
  getAcl: (payload) => ({
    acl: ((payload['acl'] as JuteRecord[] | undefined) ?? []).map(toAcl),
    stat: toStat(payload['stat']),
  }),
  setAcl: (payload) => ({ stat: toStat(payload['stat']) }),
  multi: (payload) => ({ results: (payload['results'] as PackageResult[]).map(toMultiResult) }),
  sync: () => ({}),
  addAuth: () => ({}),
};

export function encodeCall<N extends WireCallName>(name: N, request: WireCalls[N]['request']): PackageRequest {
  return encoders[name as PackageCallName](request as never);
}

export function decodeReply<N extends WireCallName>(name: N, payload: unknown): WireCalls[N]['reply'] {
  return decoders[name as PackageCallName](payload as JuteRecord) as WireCalls[N]['reply'];
}

export function authRequest(scheme: string, credentials: Buffer): PackageRequest {
  return call(OP_CODES.AUTH, 'AuthPacket', 0, scheme, credentials);
}

export function setWatchesRequest(relativeZxid: Buffer, { data, exists, children }: WatchLists): PackageRequest {
  return call(OP_CODES.SET_WATCHES, 'SetWatches', relativeZxid, [...data], [...exists], [...children]);
}

/**
 * The package has no sync and closes the connection on a reply of that type. But the reply of a sync is laid out like
 * the reply of a create, one path: so once the request is in bytes, it goes on under that type.
 */
function syncRequest(path: string): PackageRequest {
  const request = call(OP_CODES.SYNC, 'GetACLRequest', path);
  const encode = request.toBuffer.bind(request);
  request.toBuffer = () => {
    const bytes = encode();
    request.header.type = OP_CODES.CREATE;
    return bytes;
  };
  return request;
}

function call(type: number, recordClass: string, ...fields: unknown[]): PackageRequest {
  return makeRequest(type, new jute.protocol[recordClass]!(...fields));
}

function toAclRecord({ perms, id }: Acl): JuteRecord {
  return new jute.data['ACL']!(perms, new jute.data['Id']!(id.scheme, id.id));
}

function toAcl(record: JuteRecord): Acl {
  const id = record['id'] as JuteRecord;
  return {
    perms: record['perms'] as number,
    id: { scheme: (id['scheme'] as string | undefined) ?? '', id: (id['id'] as string | undefined) ?? '' },
  };
}

/** The package's transaction builder takes version 0 for "any version", so its operations are made by hand. */
function toTransactionOp(op: WireMultiOp): object {
  switch (op.kind) {
    case 'create': {
      const acls = op.acl.map((acl) => ({ toRecord: () => toAclRecord(acl) }));
      return { type: OP_CODES.CREATE, path: op.path, data: op.data, acls, mode: op.mode };
    }
    case 'delete':
      return { type: OP_CODES.DELETE, path: op.path, version: op.version };
    case 'set-data':
      return { type: OP_CODES.SET_DATA, path: op.path, data: op.data, version: op.version };
    case 'check':
      return { type: OP_CODES.CHECK, path: op.path, version: op.version };
  }
}

interface PackageResult {
  readonly type: number;
  readonly path?: string;
  readonly stat?: JuteRecord;
  readonly err?: number;
}

function toMultiResult(result: PackageResult): WireMultiResult {
  switch (result.type) {
    case OP_CODES.CREATE:
      return { kind: 'create', path: result.path ?? '' };
    case OP_CODES.DELETE:
      return { kind: 'delete' };
    case OP_CODES.SET_DATA:
      return { kind: 'set-data', stat: toStat(result.stat) };
    case OP_CODES.CHECK:
      return { kind: 'check' };
    case OP_CODES.ERROR:
      return { kind: 'error', wireCode: result.err ?? 0 };
    default:
      throw new RangeError(`expected a result of a multi's operation, got type ${result.type}`);
  }
}

function toStat(record: unknown): Stat {
  const fields = record as JuteRecord;
  const long = (name: string): bigint => (fields[name] as Buffer).readBigInt64BE(0);
  const int = (name: string): number => fields[name] as number;
  return {
    czxid: long('czxid'),
    mzxid: long('mzxid'),
    ctime: Number(long('ctime')),
    mtime: Number(long('mtime')),
    version: int('version'),
    cversion: int('cversion'),
    aversion: int('aversion'),
    ephemeralOwner: long('ephemeralOwner'),
    dataLength: int('dataLength'),
    numChildren: int('numChildren'),
    pzxid: long('pzxid'),
  };
}
