/**
 * getChildren (8).
 *
 *   GetChildrenRequest  = ustring path, boolean watch
 *   GetChildrenResponse = vector<ustring> children
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
import { encodeStringItem } from '../records.js';

export interface GetChildrenRequest {
  readonly path: string;
  /** Leave a child watch; only if the node exists. */
  readonly watch: boolean;
}

export interface GetChildrenResponse {
  /** Names, not paths, in no order. */
  readonly children: readonly string[];
}

export function encodeGetChildrenRequest(writer: JuteWriter, message: GetChildrenRequest): void {
  writer.writeString(message.path);
  writer.writeBool(message.watch);
}

export function decodeGetChildrenRequest(reader: JuteReader): GetChildrenRequest {
  const path = reader.readRequiredString();
  return { path, watch: reader.readBool() };
}

export function encodeGetChildrenResponse(writer: JuteWriter, message: GetChildrenResponse): void {
  writer.writeVector(message.children, encodeStringItem);
}

export function decodeGetChildrenResponse(reader: JuteReader): GetChildrenResponse {
  return { children: reader.readStrings() ?? [] };
}
