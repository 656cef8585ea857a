/**
 * reconfig (16): changes the ensemble's members. The response is a GetDataResponse with the new configuration.
 *
 *   ReconfigRequest = ustring joiningServers, ustring leavingServers, ustring newMembers, long curConfigId
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface ReconfigRequest {
  /** `server.N=...` entries joined by commas; null for none. */
  readonly joiningServers: string | null;
  /** Server ids joined by commas; null for none. */
  readonly leavingServers: string | null;
  /** A whole new list instead of the two others. */
  readonly newMembers: string | null;
  /** The configuration's version this applies to; -1 for any. */
  readonly curConfigId: bigint;
}

export function encodeReconfigRequest(writer: JuteWriter, message: ReconfigRequest): void {
  writer.writeString(message.joiningServers);
  writer.writeString(message.leavingServers);
  writer.writeString(message.newMembers);
  writer.writeLong(message.curConfigId);
}

export function decodeReconfigRequest(reader: JuteReader): ReconfigRequest {
  const joiningServers = reader.readString();
  const leavingServers = reader.readString();
  const newMembers = reader.readString();
  return { joiningServers, leavingServers, newMembers, curConfigId: reader.readLong() };
}
