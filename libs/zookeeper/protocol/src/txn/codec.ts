/**
 * The bytes of a transaction, the same in a log entry and in a PROPOSAL.
 *
 *   record    = TxnHeader, body by type, [TxnDigest]
 *   TxnHeader = long clientId, int cxid, long zxid, long time, int type
 *   TxnDigest = int version, long treeDigest
 *
 *   create, create2         = path, data, vector<ACL>, bool ephemeral, int parentCVersion
 *   createContainer         = path, data, vector<ACL>, int parentCVersion
 *   createTTL               = path, data, vector<ACL>, int parentCVersion, long ttl
 *   delete, deleteContainer = path
 *   setData, reconfig       = path, data, int version
 *   setACL                  = path, vector<ACL>, int version
 *   check                   = path, int version
 *   createSession           = int timeOut
 *   closeSession            = vector<path>
 *   error                   = int err
 *   multi                   = vector of (int type, buffer body)
 *
 * Two older forms are read: `create` before 3.3.3 lacked parentCVersion, `closeSession` before 3.6 had no body.
 * Source: SerializeUtils.java, Util.marshallTxnEntry, zookeeper.jute module org.apache.zookeeper.txn.
 */
import { OpCode } from '../constants/op-codes.js';
import { DIGEST_VERSION } from '../digest.js';
import { JuteError, TxnTypeError } from '../errors.js';
import { DEFAULT_MAX_FIELD_BYTES } from '../jute/limits.js';
import { JuteReader } from '../jute/reader.js';
import { JuteWriter } from '../jute/writer.js';
import { decodeAclList, decodeStringItem, encodeAclList, encodeStringItem } from '../records.js';
import type { CloseSessionTxn, CreateTxn, MultiTxn, Txn, TxnDigest, TxnHeader, TxnRecord } from './types.js';

const TXN_DIGEST_BYTES = 12;

/** Shared by all calls: none of them gives control away while it writes. */
const recordWriter = new JuteWriter();
/** A sub-transaction is written apart because its length stands in front of it. */
const bodyWriter = new JuteWriter();

/** @returns bytes that belong to the caller, good for the log, for every follower and for observers */
export function encodeTxnRecord(header: TxnHeader, txn: Txn, digest: TxnDigest | null): Buffer {
  const writer = recordWriter.reset();
  encodeTxnHeader(writer, header);
  encodeTxnBody(writer, txn);
  if (digest !== null) {
    writer.writeInt(digest.version);
    writer.writeLong(digest.treeDigest);
  }
  return writer.toBuffer();
}

/**
 * @param bytes a whole record; `data` fields of the result are views into it
 * @param maxFieldBytes see `maxFieldBytes()`
 * @throws TxnTypeError for a type without a format, JuteError for a body that does not fit its type
 */
export function decodeTxnRecord(bytes: Buffer, maxFieldBytes: number = DEFAULT_MAX_FIELD_BYTES): TxnRecord {
  const reader = new JuteReader(bytes, maxFieldBytes);
  const header = decodeTxnHeader(reader);
  const txn = decodeWholeBody(reader, bytes, header.type);
  return { header, txn, digest: decodeDigest(reader) };
}

export function encodeTxnHeader(writer: JuteWriter, header: TxnHeader): void {
  writer.writeLong(header.clientId);
  writer.writeInt(header.cxid);
  writer.writeLong(header.zxid);
  writer.writeLongFromNumber(header.timeMs);
  writer.writeInt(header.type);
}

export function decodeTxnHeader(reader: JuteReader): TxnHeader {
  const clientId = reader.readLong();
  const cxid = reader.readInt();
  const zxid = reader.readLong();
  const timeMs = reader.readLongAsNumber();
  return { clientId, cxid, zxid, timeMs, type: reader.readInt() };
}

function encodeTxnBody(writer: JuteWriter, txn: Txn): void {
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
      writer.writeString(txn.path);
      writer.writeBuffer(txn.data);
      encodeAclList(writer, txn.acl);
      writer.writeBool(txn.ephemeral);
      writer.writeInt(txn.parentCVersion);
      return;
    case OpCode.createContainer:
      writer.writeString(txn.path);
      writer.writeBuffer(txn.data);
      encodeAclList(writer, txn.acl);
      writer.writeInt(txn.parentCVersion);
      return;
    case OpCode.createTtl:
      writer.writeString(txn.path);
      writer.writeBuffer(txn.data);
      encodeAclList(writer, txn.acl);
      writer.writeInt(txn.parentCVersion);
      writer.writeLong(txn.ttlMs);
      return;
    case OpCode.delete:
    case OpCode.deleteContainer:
      writer.writeString(txn.path);
      return;
    case OpCode.setData:
    case OpCode.reconfig:
      writer.writeString(txn.path);
      writer.writeBuffer(txn.data);
      writer.writeInt(txn.version);
      return;
    case OpCode.setAcl:
      writer.writeString(txn.path);
      encodeAclList(writer, txn.acl);
      writer.writeInt(txn.version);
      return;
    case OpCode.check:
      writer.writeString(txn.path);
      writer.writeInt(txn.version);
      return;
    case OpCode.createSession:
      writer.writeInt(txn.timeoutMs);
      return;
    case OpCode.closeSession:
      if (txn.paths !== null) writer.writeVector(txn.paths, encodeStringItem);
      return;
    case OpCode.error:
      writer.writeInt(txn.err);
      return;
    case OpCode.multi:
      writer.writeVector(txn.ops, encodeSubTxn);
      return;
    default:
      throw new TxnTypeError((txn satisfies never as Txn).type);
  }
}

function encodeSubTxn(writer: JuteWriter, txn: Txn): void {
  if (txn.type === OpCode.multi) throw new TxnTypeError(txn.type);
  writer.writeInt(txn.type);
  encodeTxnBody(bodyWriter.reset(), txn);
  writer.writeBuffer(bodyWriter.toBuffer());
}

function decodeTxnBody(reader: JuteReader, type: number): Txn {
  switch (type) {
    case OpCode.create:
    case OpCode.create2: {
      const path = reader.readRequiredString();
      const data = reader.readBuffer();
      const acl = decodeAclList(reader);
      const ephemeral = reader.readBool();
      return { type, path, data, acl, ephemeral, parentCVersion: reader.readInt() };
    }
    case OpCode.createContainer: {
      const path = reader.readRequiredString();
      const data = reader.readBuffer();
      const acl = decodeAclList(reader);
      return { type, path, data, acl, parentCVersion: reader.readInt() };
    }
    case OpCode.createTtl: {
      const path = reader.readRequiredString();
      const data = reader.readBuffer();
      const acl = decodeAclList(reader);
      const parentCVersion = reader.readInt();
      return { type, path, data, acl, parentCVersion, ttlMs: reader.readLong() };
    }
    case OpCode.delete:
    case OpCode.deleteContainer:
      return { type, path: reader.readRequiredString() };
    case OpCode.setData:
    case OpCode.reconfig: {
      const path = reader.readRequiredString();
      const data = reader.readBuffer();
      return { type, path, data, version: reader.readInt() };
    }
    case OpCode.setAcl: {
      const path = reader.readRequiredString();
      const acl = decodeAclList(reader);
      return { type, path, acl, version: reader.readInt() };
    }
    case OpCode.check: {
      const path = reader.readRequiredString();
      return { type, path, version: reader.readInt() };
    }
    case OpCode.createSession:
      return { type, timeoutMs: reader.readInt() };
    case OpCode.closeSession:
      return { type, paths: reader.readVector(decodeStringItem) };
    case OpCode.error:
      return { type, err: reader.readInt() };
    case OpCode.multi:
      return { type, ops: reader.readVector(decodeSubTxn) ?? [] };
    default:
      throw new TxnTypeError(type);
  }
}

/** Like `decodeTxnBody`, for the body that may be of an old form because nothing must follow it. */
function decodeWholeBody(reader: JuteReader, bytes: Buffer, type: number): Txn {
  const start = reader.offset;
  if (type === OpCode.closeSession && hasNoBody(bytes, start)) return { type, paths: null } satisfies CloseSessionTxn;
  try {
    return decodeTxnBody(reader, type);
  } catch (error) {
    if (type !== OpCode.create || !(error instanceof JuteError) || error.code !== 'ZK_JUTE_TRUNCATED') throw error;
    return decodeCreateV0(reader.reset(bytes, start));
  }
}

/**
 * Nothing left, or only a digest (a server with `zookeeper.closeSessionTxn.enabled=false`). Twelve bytes that begin with
 * the digest's version 2 can be nothing else: a list of two paths is longer than that.
 */
function hasNoBody(bytes: Buffer, start: number): boolean {
  const left = bytes.length - start;
  return left === 0 || (left === TXN_DIGEST_BYTES && bytes.readInt32BE(start) === DIGEST_VERSION);
}

function decodeCreateV0(reader: JuteReader): CreateTxn {
  const path = reader.readRequiredString();
  const data = reader.readBuffer();
  const acl = decodeAclList(reader);
  return { type: OpCode.create, path, data, acl, ephemeral: reader.readBool(), parentCVersion: -1 };
}

function decodeSubTxn(reader: JuteReader): MultiTxn['ops'][number] {
  const start = reader.offset;
  const type = reader.readInt();
  if (type === OpCode.multi) throw new TxnTypeError(type);
  const body = reader.readBuffer();
  if (body === null) throw new JuteError('ZK_JUTE_NULL', 'expected the body of a sub-transaction, got null', start);
  return decodeTxnBody(new JuteReader(body, reader.maxFieldBytes), type);
}

/** A record from before 3.6, or from a server with digests off, ends with its body. */
function decodeDigest(reader: JuteReader): TxnDigest | null {
  if (reader.remaining < TXN_DIGEST_BYTES) return null;
  const version = reader.readInt();
  return { version, treeDigest: reader.readLong() };
}
