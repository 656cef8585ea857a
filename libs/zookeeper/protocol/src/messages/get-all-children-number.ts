/**
 * getAllChildrenNumber (104): how many nodes are below a node, at any depth.
 *
 *   GetAllChildrenNumberRequest  = ustring path
 *   GetAllChildrenNumberResponse = int totalNumber
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface GetAllChildrenNumberRequest {
  readonly path: string;
}

export interface GetAllChildrenNumberResponse {
  readonly totalNumber: number;
}

export function encodeGetAllChildrenNumberRequest(writer: JuteWriter, message: GetAllChildrenNumberRequest): void {
  writer.writeString(message.path);
}

export function decodeGetAllChildrenNumberRequest(reader: JuteReader): GetAllChildrenNumberRequest {
  return { path: reader.readRequiredString() };
}

export function encodeGetAllChildrenNumberResponse(writer: JuteWriter, message: GetAllChildrenNumberResponse): void {
  writer.writeInt(message.totalNumber);
}

export function decodeGetAllChildrenNumberResponse(reader: JuteReader): GetAllChildrenNumberResponse {
  return { totalNumber: reader.readInt() };
}
