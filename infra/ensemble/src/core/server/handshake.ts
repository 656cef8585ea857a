/** From a connect request to a session, or not. Source: ZooKeeperServer.processConnectRequest, finishSessionInit. */
import { timingSafeEqual } from 'node:crypto';
import {
  type ConnectRequest,
  encodeConnectResponse,
  generateSessionPassword,
  type JuteWriter,
  SESSION_PASSWORD_BYTES,
} from '@menagerie/zookeeper-protocol';
import type { RequestServerConfig } from './config.js';

const NO_PASSWORD = Buffer.alloc(SESSION_PASSWORD_BYTES);

export function grantedTimeout(wantedMs: number, config: RequestServerConfig): number {
  return Math.min(Math.max(wantedMs, config.minSessionTimeoutMs), config.maxSessionTimeoutMs);
}

export function isPasswordRight({ sessionId, password }: ConnectRequest): boolean {
  if (password === null || password.length !== SESSION_PASSWORD_BYTES) return false;
  return timingSafeEqual(password, generateSessionPassword(sessionId));
}

/** @param readOnly null for a client that did not send the byte and would take it for the next frame (ZOOKEEPER-4492) */
export function writeSessionGranted(
  writer: JuteWriter,
  sessionId: bigint,
  timeoutMs: number,
  readOnly: boolean | null,
): void {
  const mark = writer.beginFrame();
  encodeConnectResponse(writer, {
    protocolVersion: 0,
    timeoutMs,
    sessionId,
    password: generateSessionPassword(sessionId),
    readOnly: readOnly ?? false,
    hasReadOnly: readOnly !== null,
  });
  writer.endFrame(mark);
}

/** Which a client reads as "expired". */
export function writeSessionRefused(writer: JuteWriter, readOnly: boolean | null): void {
  const mark = writer.beginFrame();
  encodeConnectResponse(writer, {
    protocolVersion: 0,
    timeoutMs: 0,
    sessionId: 0n,
    password: NO_PASSWORD,
    readOnly: readOnly ?? false,
    hasReadOnly: readOnly !== null,
  });
  writer.endFrame(mark);
}
