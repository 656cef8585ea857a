/**
 * check (13): a condition inside a multi. Alone it is refused (ZOOKEEPER-2623).
 *
 *   CheckRequest = ustring path, int version
 *   response      = nothing behind the header
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface CheckRequest {
  readonly path: string;
  /** The version the node must have; -1 asks only that it exists. */
  readonly version: number;
}

export function encodeCheckRequest(writer: JuteWriter, message: CheckRequest): void {
  writer.writeString(message.path);
  writer.writeInt(message.version);
}

export function decodeCheckRequest(reader: JuteReader): CheckRequest {
  const path = reader.readRequiredString();
  return { path, version: reader.readInt() };
}
