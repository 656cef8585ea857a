/**
 * getData (4).
 *
 *   GetDataRequest  = ustring path, boolean watch
 *   GetDataResponse = buffer data, Stat
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeStat, encodeStat } from '../records.js';
import type { Stat } from '../types.js';

export interface GetDataRequest {
  readonly path: string;
  /** Leave a data watch; only if the node exists. */
  readonly watch: boolean;
}

export interface GetDataResponse {
  /** A view into the frame when decoded. */
  readonly data: Buffer | null;
  readonly stat: Stat;
}

export function encodeGetDataRequest(writer: JuteWriter, message: GetDataRequest): void {
  writer.writeString(message.path);
  writer.writeBool(message.watch);
}

export function decodeGetDataRequest(reader: JuteReader): GetDataRequest {
  const path = reader.readRequiredString();
  return { path, watch: reader.readBool() };
}

export function encodeGetDataResponse(writer: JuteWriter, message: GetDataResponse): void {
  writer.writeBuffer(message.data);
  encodeStat(writer, message.stat);
}

export function decodeGetDataResponse(reader: JuteReader): GetDataResponse {
  const data = reader.readBuffer();
  return { data, stat: decodeStat(reader) };
}
