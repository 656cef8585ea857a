/**
 * Codecs of the records that other records are made of.
 *
 *   Id            = ustring scheme, ustring id
 *   ACL           = int perms, Id
 *   Stat          = long czxid, long mzxid, long ctime, long mtime, int version, int cversion, int aversion,
 *                   long ephemeralOwner, int dataLength, int numChildren, long pzxid
 *   StatPersisted = the same without dataLength and numChildren
 *
 * Source: zookeeper.jute, module org.apache.zookeeper.data.
 */
import { OPEN_ACL } from './constants/permissions.js';
import type { JuteReader } from './jute/reader.js';
import { JuteWriter } from './jute/writer.js';
import type { Acl, Id, Stat, StatPersisted } from './types.js';

export function encodeId(writer: JuteWriter, id: Id): void {
  writer.writeString(id.scheme);
  writer.writeString(id.id);
}

/** The one id that nearly all ACLs consist of is recognised by its bytes, and shared. */
const ANYONE: Id = OPEN_ACL[0]!.id;
const ANYONE_BYTES = encodeAnyone();

function encodeAnyone(): Buffer {
  const writer = new JuteWriter(32);
  encodeId(writer, ANYONE);
  return writer.toBuffer();
}

/** A null scheme or id reads as empty: no provider answers to either, so both are refused as an invalid ACL. */
export function decodeId(reader: JuteReader): Id {
  if (reader.skipIfNext(ANYONE_BYTES)) return ANYONE;
  const scheme = reader.readString() ?? '';
  const id = reader.readString() ?? '';
  return { scheme, id };
}

export function encodeAcl(writer: JuteWriter, acl: Acl): void {
  writer.writeInt(acl.perms);
  encodeId(writer, acl.id);
}

export function decodeAcl(reader: JuteReader): Acl {
  const perms = reader.readInt();
  return { perms, id: decodeId(reader) };
}

export function encodeAclList(writer: JuteWriter, list: readonly Acl[] | null): void {
  writer.writeVector(list, encodeAcl);
}

export function decodeAclList(reader: JuteReader): Acl[] | null {
  return reader.readVector(decodeAcl);
}

/** For vectors of strings in which null has no meaning: child names, paths. */
export function encodeStringItem(writer: JuteWriter, item: string): void {
  writer.writeString(item);
}

export function decodeStringItem(reader: JuteReader): string {
  return reader.readRequiredString();
}

export function encodeStat(writer: JuteWriter, stat: Stat): void {
  encodeStatHead(writer, stat);
  writer.writeInt(stat.dataLength);
  writer.writeInt(stat.numChildren);
  writer.writeLong(stat.pzxid);
}

export function decodeStat(reader: JuteReader): Stat {
  // One literal in wire order: the order of evaluation is the order of the fields.
  return {
    czxid: reader.readLong(),
    mzxid: reader.readLong(),
    ctime: reader.readLongAsNumber(),
    mtime: reader.readLongAsNumber(),
    version: reader.readInt(),
    cversion: reader.readInt(),
    aversion: reader.readInt(),
    ephemeralOwner: reader.readLong(),
    dataLength: reader.readInt(),
    numChildren: reader.readInt(),
    pzxid: reader.readLong(),
  };
}

export function encodeStatPersisted(writer: JuteWriter, stat: StatPersisted): void {
  encodeStatHead(writer, stat);
  writer.writeLong(stat.pzxid);
}

export function decodeStatPersisted(reader: JuteReader): StatPersisted {
  return {
    czxid: reader.readLong(),
    mzxid: reader.readLong(),
    ctime: reader.readLongAsNumber(),
    mtime: reader.readLongAsNumber(),
    version: reader.readInt(),
    cversion: reader.readInt(),
    aversion: reader.readInt(),
    ephemeralOwner: reader.readLong(),
    pzxid: reader.readLong(),
  };
}

function encodeStatHead(writer: JuteWriter, stat: StatPersisted): void {
  writer.writeLong(stat.czxid);
  writer.writeLong(stat.mzxid);
  writer.writeLongFromNumber(stat.ctime);
  writer.writeLongFromNumber(stat.mtime);
  writer.writeInt(stat.version);
  writer.writeInt(stat.cversion);
  writer.writeInt(stat.aversion);
  writer.writeLong(stat.ephemeralOwner);
}
