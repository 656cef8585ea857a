/**
 * getChildren2 (12): the children and the stat of their parent at the same moment.
 *
 *   GetChildren2Request  = ustring path, boolean watch
 *   GetChildren2Response = vector<ustring> children, Stat
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { decodeStat, encodeStat, encodeStringItem } from '../records.js';
import type { Stat } from '../types.js';

export interface GetChildren2Request {
  readonly path: string;
  /** Leave a child watch; only if the node exists. */
  readonly watch: boolean;
}

export interface GetChildren2Response {
  /** Names, not paths, in no order. */
  readonly children: readonly string[];
  readonly stat: Stat;
}

export function encodeGetChildren2Request(writer: JuteWriter, message: GetChildren2Request): void {
  writer.writeString(message.path);
  writer.writeBool(message.watch);
}

export function decodeGetChildren2Request(reader: JuteReader): GetChildren2Request {
  const path = reader.readRequiredString();
  return { path, watch: reader.readBool() };
}

export function encodeGetChildren2Response(writer: JuteWriter, message: GetChildren2Response): void {
  writer.writeVector(message.children, encodeStringItem);
  encodeStat(writer, message.stat);
}

export function decodeGetChildren2Response(reader: JuteReader): GetChildren2Response {
  const children = reader.readStrings() ?? [];
  return { children, stat: decodeStat(reader) };
}
