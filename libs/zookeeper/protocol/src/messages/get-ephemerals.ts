/**
 * getEphemerals (103): the ephemeral nodes of the calling session.
 *
 *   GetEphemeralsRequest  = ustring prefixPath
 *   GetEphemeralsResponse = vector<ustring> ephemerals
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { encodeStringItem } from '../records.js';

export interface GetEphemeralsRequest {
  /** Compared as plain text; null, blank and "/" mean all. */
  readonly prefixPath: string | null;
}

export interface GetEphemeralsResponse {
  readonly ephemerals: readonly string[];
}

export function encodeGetEphemeralsRequest(writer: JuteWriter, message: GetEphemeralsRequest): void {
  writer.writeString(message.prefixPath);
}

export function decodeGetEphemeralsRequest(reader: JuteReader): GetEphemeralsRequest {
  return { prefixPath: reader.readString() };
}

export function encodeGetEphemeralsResponse(writer: JuteWriter, message: GetEphemeralsResponse): void {
  writer.writeVector(message.ephemerals, encodeStringItem);
}

export function decodeGetEphemeralsResponse(reader: JuteReader): GetEphemeralsResponse {
  return { ephemerals: reader.readStrings() ?? [] };
}
