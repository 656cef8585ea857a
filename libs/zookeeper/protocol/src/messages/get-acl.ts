/**
 * getACL (6).
 *
 *   GetACLRequest  = ustring path
 *   GetACLResponse = vector<ACL> acl, Stat
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeAclList, decodeStat, encodeAclList, encodeStat } from '../records.js';
import type { Acl, Stat } from '../types.js';

export interface GetAclRequest {
  readonly path: string;
}

export interface GetAclResponse {
  /** Digest hashes are masked for a caller without ADMIN. */
  readonly acl: readonly Acl[] | null;
  readonly stat: Stat;
}

export function encodeGetAclRequest(writer: JuteWriter, message: GetAclRequest): void {
  writer.writeString(message.path);
}

export function decodeGetAclRequest(reader: JuteReader): GetAclRequest {
  return { path: reader.readRequiredString() };
}

export function encodeGetAclResponse(writer: JuteWriter, message: GetAclResponse): void {
  encodeAclList(writer, message.acl);
  encodeStat(writer, message.stat);
}

export function decodeGetAclResponse(reader: JuteReader): GetAclResponse {
  const acl = decodeAclList(reader);
  return { acl, stat: decodeStat(reader) };
}
