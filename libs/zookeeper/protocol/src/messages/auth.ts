/**
 * auth (100): adds an identity to the connection. Its xid is -4, the reply a header only, and the server may send it
 * before the replies to earlier requests.
 *
 *   AuthPacket = int type, ustring scheme, buffer auth
 *   response   = nothing behind the header
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface AuthRequest {
  /** 0; nobody reads it. */
  readonly type: number;
  readonly scheme: string;
  /** What the scheme asks for; for digest the bytes of `user:password`. */
  readonly auth: Buffer | null;
}

export function encodeAuthRequest(writer: JuteWriter, message: AuthRequest): void {
  writer.writeInt(message.type);
  writer.writeString(message.scheme);
  writer.writeBuffer(message.auth);
}

export function decodeAuthRequest(reader: JuteReader): AuthRequest {
  const type = reader.readInt();
  const scheme = reader.readRequiredString();
  return { type, scheme, auth: reader.readBuffer() };
}
