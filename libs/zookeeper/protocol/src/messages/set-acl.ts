/**
 * setACL (7).
 *
 *   SetACLRequest  = ustring path, vector<ACL> acl, int version
 *   SetACLResponse = Stat
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeAclList, decodeStat, encodeAclList, encodeStat } from '../records.js';
import type { Acl, Stat } from '../types.js';

export interface SetAclRequest {
  readonly path: string;
  readonly acl: readonly Acl[] | null;
  /** The aversion the node must have; -1 for any. */
  readonly version: number;
}

export interface SetAclResponse {
  readonly stat: Stat;
}

export function encodeSetAclRequest(writer: JuteWriter, message: SetAclRequest): void {
  writer.writeString(message.path);
  encodeAclList(writer, message.acl);
  writer.writeInt(message.version);
}

export function decodeSetAclRequest(reader: JuteReader): SetAclRequest {
  const path = reader.readRequiredString();
  const acl = decodeAclList(reader);
  return { path, acl, version: reader.readInt() };
}

export function encodeSetAclResponse(writer: JuteWriter, message: SetAclResponse): void {
  encodeStat(writer, message.stat);
}

export function decodeSetAclResponse(reader: JuteReader): SetAclResponse {
  return { stat: decodeStat(reader) };
}
