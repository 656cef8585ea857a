/**
 * addWatch (106): a watch that stays.
 *
 *   AddWatchRequest = ustring path, int mode
 *   response        = ErrorResponse with err 0; the one success that is an error record
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface AddWatchRequest {
  readonly path: string;
  /** One of `AddWatchMode`; kept a number because the server must answer to any other with an error. */
  readonly mode: number;
}

export function encodeAddWatchRequest(writer: JuteWriter, message: AddWatchRequest): void {
  writer.writeString(message.path);
  writer.writeInt(message.mode);
}

export function decodeAddWatchRequest(reader: JuteReader): AddWatchRequest {
  const path = reader.readRequiredString();
  return { path, mode: reader.readInt() };
}
