/**
 * sync (9): the connected server catches up with what the leader had proposed when it saw this.
 *
 *   SyncRequest  = ustring path
 *   SyncResponse = ustring path
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface SyncRequest {
  readonly path: string;
}

export interface SyncResponse {
  readonly path: string;
}

export function encodeSyncRequest(writer: JuteWriter, message: SyncRequest): void {
  writer.writeString(message.path);
}

export function decodeSyncRequest(reader: JuteReader): SyncRequest {
  return { path: reader.readRequiredString() };
}

export function encodeSyncResponse(writer: JuteWriter, message: SyncResponse): void {
  writer.writeString(message.path);
}

export function decodeSyncResponse(reader: JuteReader): SyncResponse {
  return { path: reader.readRequiredString() };
}
