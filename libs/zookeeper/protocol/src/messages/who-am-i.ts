/**
 * whoAmI (107): the identities of this connection. The request is a header only.
 *
 *   WhoAmIResponse = vector<ClientInfo> clientInfo
 *   ClientInfo     = ustring authScheme, ustring user
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface ClientInfo {
  readonly authScheme: string;
  /** Without the secret: for digest the user's name. */
  readonly user: string;
}

export interface WhoAmIResponse {
  readonly clientInfo: readonly ClientInfo[];
}

export function encodeWhoAmIResponse(writer: JuteWriter, message: WhoAmIResponse): void {
  writer.writeVector(message.clientInfo, encodeClientInfo);
}

export function decodeWhoAmIResponse(reader: JuteReader): WhoAmIResponse {
  return { clientInfo: reader.readVector(decodeClientInfo) ?? [] };
}

function encodeClientInfo(writer: JuteWriter, info: ClientInfo): void {
  writer.writeString(info.authScheme);
  writer.writeString(info.user);
}

function decodeClientInfo(reader: JuteReader): ClientInfo {
  const authScheme = reader.readRequiredString();
  return { authScheme, user: reader.readString() ?? '' };
}
