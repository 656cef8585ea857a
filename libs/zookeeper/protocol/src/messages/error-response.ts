/**
 * An error code as a record: the answer to addWatch, and an element of a failed multi.
 *
 *   ErrorResponse = int err
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface ErrorResponse {
  readonly err: number;
}

export function encodeErrorResponse(writer: JuteWriter, message: ErrorResponse): void {
  writer.writeInt(message.err);
}

export function decodeErrorResponse(reader: JuteReader): ErrorResponse {
  return { err: reader.readInt() };
}
