/**
 * What the `data` of a packet holds, by type. These are not jute records but raw fields, big-endian.
 *
 *   FOLLOWERINFO, OBSERVERINFO = long serverid, int protocolVersion, long configVersion
 *   LEADERINFO                 = int protocolVersion
 *   ACKEPOCH                   = int currentEpoch, or -1
 *   REQUEST                    = long sessionId, int cxid, int type, request record
 *   REVALIDATE                 = long sessionId, int timeOut      and back: long sessionId, boolean valid
 *   PING (learner's)           = (long sessionId, int timeOut)*
 *   COMMITANDACTIVATE          = long designatedLeader
 *   INFORMANDACTIVATE          = long designatedLeader, transaction record
 *   PROPOSAL, INFORM           = transaction record
 *   NEWLEADER                  = text of the configuration
 *
 * Source: Learner.java, LearnerHandler.java, Leader.java.
 */
import { JuteError } from '../errors.js';
import { JuteReader } from '../jute/reader.js';
import { JuteWriter } from '../jute/writer.js';

/** What both sides of Zab 1.0 say they speak. */
export const LEARNER_PROTOCOL_VERSION = 0x10000;

/** What a learner says that does not speak Zab 1.0 (before 3.4). */
const OLDEST_PROTOCOL_VERSION = 1;

export interface LearnerInfo {
  readonly serverId: bigint;
  readonly protocolVersion: number;
  /** Version of the learner's configuration; null from servers older than 3.5. */
  readonly configVersion: bigint | null;
}

/** In ACKEPOCH: the epoch was promised before, so this does not count as a promise again. */
export const EPOCH_ALREADY_ACKNOWLEDGED = -1;

export interface LearnerRequest {
  readonly sessionId: bigint;
  readonly cxid: number;
  /** One of `OpCode`. */
  readonly type: number;
  /** The client's request record as it came, without its header. */
  readonly body: Buffer;
}

/** A session a learner's client was heard on, and its timeout. */
export interface TouchedSession {
  readonly sessionId: bigint;
  readonly timeoutMs: number;
}

export interface RevalidateAnswer {
  readonly sessionId: bigint;
  readonly valid: boolean;
}

export interface InformAndActivate {
  readonly designatedLeader: bigint;
  /** A transaction record, as in INFORM. */
  readonly record: Buffer;
}

/** Shared by all calls: none of them gives control away while it writes. */
const writer = new JuteWriter();

export function encodeLearnerInfo(info: LearnerInfo): Buffer {
  writer.reset().writeLong(info.serverId);
  writer.writeInt(info.protocolVersion);
  if (info.configVersion !== null) writer.writeLong(info.configVersion);
  return writer.toBuffer();
}

export function decodeLearnerInfo(data: Buffer | null): LearnerInfo {
  const reader = readerOf(data, 'FOLLOWERINFO');
  const serverId = reader.readLong();
  const protocolVersion = reader.remaining >= 4 ? reader.readInt() : OLDEST_PROTOCOL_VERSION;
  return { serverId, protocolVersion, configVersion: reader.remaining >= 8 ? reader.readLong() : null };
}

export function encodeLeaderInfo(protocolVersion: number = LEARNER_PROTOCOL_VERSION): Buffer {
  writer.reset().writeInt(protocolVersion);
  return writer.toBuffer();
}

/** @returns the leader's protocol version */
export function decodeLeaderInfo(data: Buffer | null): number {
  return readerOf(data, 'LEADERINFO').readInt();
}

export function encodeAckEpoch(currentEpoch: number): Buffer {
  writer.reset().writeInt(currentEpoch);
  return writer.toBuffer();
}

/** @returns the learner's current epoch or `EPOCH_ALREADY_ACKNOWLEDGED` */
export function decodeAckEpoch(data: Buffer | null): number {
  return readerOf(data, 'ACKEPOCH').readInt();
}

export function encodeLearnerRequest(request: LearnerRequest): Buffer {
  writer.reset().writeLong(request.sessionId);
  writer.writeInt(request.cxid);
  writer.writeInt(request.type);
  writer.writeRaw(request.body);
  return writer.toBuffer();
}

export function decodeLearnerRequest(data: Buffer | null): LearnerRequest {
  const reader = readerOf(data, 'REQUEST');
  const sessionId = reader.readLong();
  const cxid = reader.readInt();
  const type = reader.readInt();
  return { sessionId, cxid, type, body: reader.readRest() };
}

export function encodeRevalidate(session: TouchedSession): Buffer {
  writer.reset();
  encodeTouchedSession(writer, session);
  return writer.toBuffer();
}

export function decodeRevalidate(data: Buffer | null): TouchedSession {
  return decodeTouchedSession(readerOf(data, 'REVALIDATE'));
}

export function encodeRevalidateAnswer(answer: RevalidateAnswer): Buffer {
  writer.reset().writeLong(answer.sessionId);
  writer.writeBool(answer.valid);
  return writer.toBuffer();
}

export function decodeRevalidateAnswer(data: Buffer | null): RevalidateAnswer {
  const reader = readerOf(data, 'REVALIDATE');
  const sessionId = reader.readLong();
  return { sessionId, valid: reader.readBool() };
}

export function encodeTouchedSessions(sessions: readonly TouchedSession[]): Buffer {
  writer.reset();
  for (const session of sessions) encodeTouchedSession(writer, session);
  return writer.toBuffer();
}

/** A leader's own PING has no data: then there are none. */
export function decodeTouchedSessions(data: Buffer | null): TouchedSession[] {
  if (data === null) return [];
  const reader = new JuteReader(data);
  const sessions: TouchedSession[] = [];
  while (reader.remaining > 0) sessions.push(decodeTouchedSession(reader));
  return sessions;
}

export function encodeCommitAndActivate(designatedLeader: bigint): Buffer {
  writer.reset().writeLong(designatedLeader);
  return writer.toBuffer();
}

/** @returns the id of the server that should lead under the new configuration */
export function decodeCommitAndActivate(data: Buffer | null): bigint {
  return readerOf(data, 'COMMITANDACTIVATE').readLong();
}

export function encodeInformAndActivate(payload: InformAndActivate): Buffer {
  writer.reset().writeLong(payload.designatedLeader);
  writer.writeRaw(payload.record);
  return writer.toBuffer();
}

export function decodeInformAndActivate(data: Buffer | null): InformAndActivate {
  const reader = readerOf(data, 'INFORMANDACTIVATE');
  const designatedLeader = reader.readLong();
  return { designatedLeader, record: reader.readRest() };
}

function encodeTouchedSession(target: JuteWriter, session: TouchedSession): void {
  target.writeLong(session.sessionId);
  target.writeInt(session.timeoutMs);
}

function decodeTouchedSession(reader: JuteReader): TouchedSession {
  const sessionId = reader.readLong();
  return { sessionId, timeoutMs: reader.readInt() };
}

function readerOf(data: Buffer | null, packet: string): JuteReader {
  if (data === null) throw new JuteError('ZK_JUTE_NULL', `expected data in the packet ${packet}, got null`, 0);
  return new JuteReader(data);
}
