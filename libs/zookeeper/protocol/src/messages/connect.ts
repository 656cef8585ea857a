/**
 * The handshake, the only messages without a header.
 *
 *   ConnectRequest  = int protocolVersion, long lastZxidSeen, int timeOut, long sessionId, buffer passwd, [boolean readOnly]
 *   ConnectResponse = int protocolVersion, int timeOut, long sessionId, buffer passwd, [boolean readOnly]
 *
 * The last byte came with 3.4. A server answers without it to a client that did not send it, or that client loses step
 * (ZOOKEEPER-4492, ZOOKEEPER-4814); a client takes either form.
 */
import type { JuteReader } from '../jute/reader.js';
import type { JuteWriter } from '../jute/writer.js';
export interface ConnectRequest {
  /** 0; Apache ignores it. */
  readonly protocolVersion: number;
  /** The session must not land on a server that is behind this. */
  readonly lastZxidSeen: bigint;
  /** What the client wishes for. */
  readonly timeoutMs: number;
  /** 0 asks for a new session. */
  readonly sessionId: bigint;
  /** 16 bytes, zeros for a new session. */
  readonly password: Buffer | null;
  /** The client is content with a server that has lost its quorum. */
  readonly readOnly: boolean;
  /** Whether the read-only byte is on the wire; `readOnly` is false without it. */
  readonly hasReadOnly: boolean;
}

export interface ConnectResponse {
  readonly protocolVersion: number;
  /** What was granted; 0 or less says that the session is expired. */
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer | null;
  /** The server has no quorum and serves reads only. */
  readonly readOnly: boolean;
  /** Whether the read-only byte is on the wire: a server mirrors what the request had. */
  readonly hasReadOnly: boolean;
}

export function encodeConnectRequest(writer: JuteWriter, message: ConnectRequest): void {
  writer.writeInt(message.protocolVersion);
  writer.writeLong(message.lastZxidSeen);
  writer.writeInt(message.timeoutMs);
  writer.writeLong(message.sessionId);
  writer.writeBuffer(message.password);
  if (message.hasReadOnly) writer.writeBool(message.readOnly);
}

export function decodeConnectRequest(reader: JuteReader): ConnectRequest {
  const protocolVersion = reader.readInt();
  const lastZxidSeen = reader.readLong();
  const timeoutMs = reader.readInt();
  const sessionId = reader.readLong();
  const password = reader.readBuffer();
  const hasReadOnly = reader.remaining > 0;
  const readOnly = hasReadOnly && reader.readBool();
  return { protocolVersion, lastZxidSeen, timeoutMs, sessionId, password, readOnly, hasReadOnly };
}

export function encodeConnectResponse(writer: JuteWriter, message: ConnectResponse): void {
  writer.writeInt(message.protocolVersion);
  writer.writeInt(message.timeoutMs);
  writer.writeLong(message.sessionId);
  writer.writeBuffer(message.password);
  if (message.hasReadOnly) writer.writeBool(message.readOnly);
}

export function decodeConnectResponse(reader: JuteReader): ConnectResponse {
  const protocolVersion = reader.readInt();
  const timeoutMs = reader.readInt();
  const sessionId = reader.readLong();
  const password = reader.readBuffer();
  const hasReadOnly = reader.remaining > 0;
  const readOnly = hasReadOnly && reader.readBool();
  return { protocolVersion, timeoutMs, sessionId, password, readOnly, hasReadOnly };
}
