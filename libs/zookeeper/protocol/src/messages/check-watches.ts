/**
 * checkWatches (17), is there such a watch of this connection, and removeWatches (18). None is error -121.
 *
 *   CheckWatchesRequest, RemoveWatchesRequest = ustring path, int type
 *   response                                  = nothing behind the header
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface CheckWatchesRequest {
  readonly path: string;
  /** One of `WatcherType`; kept a number because the server must answer to any other with an error. */
  readonly type: number;
}

export type RemoveWatchesRequest = CheckWatchesRequest;

export function encodeCheckWatchesRequest(writer: JuteWriter, message: CheckWatchesRequest): void {
  writer.writeString(message.path);
  writer.writeInt(message.type);
}

export function decodeCheckWatchesRequest(reader: JuteReader): CheckWatchesRequest {
  const path = reader.readRequiredString();
  return { path, type: reader.readInt() };
}

/** The same record under its own opcode. */
export const encodeRemoveWatchesRequest: (writer: JuteWriter, message: RemoveWatchesRequest) => void =
  encodeCheckWatchesRequest;
export const decodeRemoveWatchesRequest: (reader: JuteReader) => RemoveWatchesRequest = decodeCheckWatchesRequest;
