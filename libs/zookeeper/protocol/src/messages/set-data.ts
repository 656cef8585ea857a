/**
 * setData (5).
 *
 *   SetDataRequest  = ustring path, buffer data, int version
 *   SetDataResponse = Stat
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeStat, encodeStat } from '../records.js';
import type { Stat } from '../types.js';

export interface SetDataRequest {
  readonly path: string;
  readonly data: Buffer | null;
  /** The version the node must have; -1 for any. */
  readonly version: number;
}

export interface SetDataResponse {
  readonly stat: Stat;
}

export function encodeSetDataRequest(writer: JuteWriter, message: SetDataRequest): void {
  writer.writeString(message.path);
  writer.writeBuffer(message.data);
  writer.writeInt(message.version);
}

export function decodeSetDataRequest(reader: JuteReader): SetDataRequest {
  const path = reader.readRequiredString();
  const data = reader.readBuffer();
  return { path, data, version: reader.readInt() };
}

export function encodeSetDataResponse(writer: JuteWriter, message: SetDataResponse): void {
  encodeStat(writer, message.stat);
}

export function decodeSetDataResponse(reader: JuteReader): SetDataResponse {
  return { stat: decodeStat(reader) };
}
