/**
 * exists (3). A node that is not there is error -101, and the watch is set all the same.
 *
 *   ExistsRequest  = ustring path, boolean watch
 *   ExistsResponse = Stat
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeStat, encodeStat } from '../records.js';
import type { Stat } from '../types.js';

export interface ExistsRequest {
  readonly path: string;
  /** Leave a watch, on a missing node for its creation. */
  readonly watch: boolean;
}

export interface ExistsResponse {
  readonly stat: Stat;
}

export function encodeExistsRequest(writer: JuteWriter, message: ExistsRequest): void {
  writer.writeString(message.path);
  writer.writeBool(message.watch);
}

export function decodeExistsRequest(reader: JuteReader): ExistsRequest {
  const path = reader.readRequiredString();
  return { path, watch: reader.readBool() };
}

export function encodeExistsResponse(writer: JuteWriter, message: ExistsResponse): void {
  encodeStat(writer, message.stat);
}

export function decodeExistsResponse(reader: JuteReader): ExistsResponse {
  return { stat: decodeStat(reader) };
}
