/**
 * Sessions live as long as they were promised to, and not beyond their end.
 *
 * Never early: a leader (or a server alone) may expire a session only when, by its own clock, the session's timeout has
 * passed since it last heard of it, and since it began to lead. Nobody else may begin an end but the session's client.
 * Never resurrected: no transaction of a session takes effect behind its end.
 */
import type { ServerId } from '@menagerie/ensemble';
import { OpCode, type TxnHeader } from '@menagerie/zookeeper-protocol';
import { Violation } from '../engine/violation.js';
import { hexZxid } from './zxids.js';

const name = (session: bigint): string => `session 0x${BigInt.asUintN(64, session).toString(16)}`;

/** What one leader knows, in its term. */
export class LeadersSessions {
  private readonly heardMs = new Map<bigint, number>();

  constructor(
    private readonly id: ServerId,
    private readonly sinceMs: number,
  ) {}

  heard(session: bigint, nowMs: number): void {
    this.heardMs.set(session, nowMs);
  }

  /** It orders the end of a session that its client did not ask for. */
  expires(session: bigint, timeoutMs: number, nowMs: number): void {
    const heardMs = Math.max(this.heardMs.get(session) ?? 0, this.sinceMs);
    // Fractions of a millisecond: clocks that run at other rates round differently.
    if (nowMs + 0.001 >= heardMs + timeoutMs) return;
    throw new Violation(
      'no session ends early',
      `server ${this.id} expires ${name(session)} ${Math.round(nowMs - heardMs)} ms after it was heard of, its timeout is ${timeoutMs}`,
    );
  }
}

export class SessionRules {
  /** Timeout in milliseconds by session. */
  readonly alive = new Map<bigint, number>();
  private readonly ended = new Map<bigint, number>();
  /** Sessions whose clients have sent a closeSession. */
  private readonly closing = new Set<bigint>();

  closedByClient(session: bigint): void {
    this.closing.add(session);
  }

  isClosedByClient(session: bigint): boolean {
    return this.closing.has(session);
  }

  hasEnded(session: bigint): boolean {
    return this.ended.has(session);
  }

  committed(zxid: number, { clientId, type }: TxnHeader, timeoutMs: number): void {
    if (type === OpCode.closeSession) {
      if (this.alive.delete(clientId)) this.ended.set(clientId, zxid);
      return;
    }
    if (type === OpCode.error || clientId === 0n) return;
    const end = this.ended.get(clientId);
    if (end !== undefined) {
      throw new Violation(
        'no session is resurrected',
        `${hexZxid(zxid)} (type ${type}) is of ${name(clientId)}, which ended at ${hexZxid(end)}`,
      );
    }
    if (type === OpCode.createSession) {
      if (this.alive.has(clientId)) {
        throw new Violation('session ids are unique', `${hexZxid(zxid)} makes ${name(clientId)} again`);
      }
      this.alive.set(clientId, timeoutMs);
    } else if (!this.alive.has(clientId)) {
      throw new Violation('only sessions act', `${hexZxid(zxid)} (type ${type}) is of unknown ${name(clientId)}`);
    }
  }
}
