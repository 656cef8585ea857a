/**
 * sasl (102): one token each way until one side is content. A refusal is a reply with an error code and, unlike every
 * other, still a body (with a null token).
 *
 *   GetSASLRequest  = buffer token
 *   SetSASLResponse = buffer token
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface SaslRequest {
  readonly token: Buffer | null;
}

export type SaslResponse = SaslRequest;

export function encodeSaslRequest(writer: JuteWriter, message: SaslRequest): void {
  writer.writeBuffer(message.token);
}

export function decodeSaslRequest(reader: JuteReader): SaslRequest {
  return { token: reader.readBuffer() };
}

/** The same record in the other direction. */
export const encodeSaslResponse: (writer: JuteWriter, message: SaslResponse) => void = encodeSaslRequest;
export const decodeSaslResponse: (reader: JuteReader) => SaslResponse = decodeSaslRequest;
