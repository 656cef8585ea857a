/**
 * create (1), create2 (15), createContainer (19) and createTTL (21).
 *
 *   CreateRequest    = ustring path, buffer data, vector<ACL> acl, int flags
 *   CreateTTLRequest = CreateRequest, long ttl
 *   CreateResponse   = ustring path                 (1)
 *   Create2Response  = ustring path, Stat           (15, 19, 21)
 *
 * The path of a response carries the sequence number. A Create2Response may be read as a CreateResponse.
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeAclList, decodeStat, encodeAclList, encodeStat } from '../records.js';
import type { Acl, Stat } from '../types.js';

export interface CreateRequest {
  readonly path: string;
  readonly data: Buffer | null;
  /** Null and empty are legal here and refused by the server as an invalid ACL. */
  readonly acl: readonly Acl[] | null;
  /** One of `CreateMode`; kept a number because the server must answer to any other with an error. */
  readonly flags: number;
}

export interface CreateTtlRequest extends CreateRequest {
  readonly ttlMs: bigint;
}

export interface CreateResponse {
  readonly path: string;
}

export interface Create2Response {
  readonly path: string;
  readonly stat: Stat;
}

export function encodeCreateRequest(writer: JuteWriter, message: CreateRequest): void {
  writer.writeString(message.path);
  writer.writeBuffer(message.data);
  encodeAclList(writer, message.acl);
  writer.writeInt(message.flags);
}

export function decodeCreateRequest(reader: JuteReader): CreateRequest {
  const path = reader.readRequiredString();
  const data = reader.readBuffer();
  const acl = decodeAclList(reader);
  return { path, data, acl, flags: reader.readInt() };
}

export function encodeCreateTtlRequest(writer: JuteWriter, message: CreateTtlRequest): void {
  encodeCreateRequest(writer, message);
  writer.writeLong(message.ttlMs);
}

export function decodeCreateTtlRequest(reader: JuteReader): CreateTtlRequest {
  const path = reader.readRequiredString();
  const data = reader.readBuffer();
  const acl = decodeAclList(reader);
  const flags = reader.readInt();
  return { path, data, acl, flags, ttlMs: reader.readLong() };
}

export function encodeCreateResponse(writer: JuteWriter, message: CreateResponse): void {
  writer.writeString(message.path);
}

export function decodeCreateResponse(reader: JuteReader): CreateResponse {
  return { path: reader.readRequiredString() };
}

export function encodeCreate2Response(writer: JuteWriter, message: Create2Response): void {
  writer.writeString(message.path);
  encodeStat(writer, message.stat);
}

export function decodeCreate2Response(reader: JuteReader): Create2Response {
  const path = reader.readRequiredString();
  return { path, stat: decodeStat(reader) };
}
