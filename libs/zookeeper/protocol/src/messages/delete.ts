/**
 * delete (2).
 *
 *   DeleteRequest = ustring path, int version
 *   response      = nothing behind the header
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface DeleteRequest {
  readonly path: string;
  /** The version the node must have; -1 for any. */
  readonly version: number;
}

export function encodeDeleteRequest(writer: JuteWriter, message: DeleteRequest): void {
  writer.writeString(message.path);
  writer.writeInt(message.version);
}

export function decodeDeleteRequest(reader: JuteReader): DeleteRequest {
  const path = reader.readRequiredString();
  return { path, version: reader.readInt() };
}
