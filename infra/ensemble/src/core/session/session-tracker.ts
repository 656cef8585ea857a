/**
 * All sessions of the ensemble, as the one server keeps them that may end them: the leader, or a server alone.
 * Ending one is only ever begun here; it is done when the closeSession transaction commits.
 * Source: SessionTrackerImpl.java, LeaderSessionTracker.java.
 */
import { ErrorCode } from '@menagerie/zookeeper-protocol';
import type { ServerId } from '../contract/index.js';
import { type Expiring, ExpiryBuckets } from './expiry-buckets.js';

export class TrackedSession implements Expiring {
  expiresAtMs = 0;
  bucketMs = 0;
  /** The server whose connection speaks for the session; null until one did since we track it. */
  owner: ServerId | null = null;
  /** Its closeSession is on the way: no request of it counts any more. Invariant: never becomes false again. */
  closing = false;

  constructor(
    readonly id: bigint,
    readonly timeoutMs: number,
  ) {}
}

export class SessionTracker {
  private readonly sessions = new Map<bigint, TrackedSession>();
  private readonly buckets: ExpiryBuckets<TrackedSession>;

  /**
   * @param known the sessions of the database: each has its full timeout from now, however long the ensemble was
   *   without a leader
   * @param isLocal whether some server knows this session, of those that no transaction began
   */
  constructor(
    tickTimeMs: number,
    known: Iterable<[bigint, number]>,
    nowMs: number,
    private readonly isLocal: (id: bigint) => boolean = () => false,
  ) {
    this.buckets = new ExpiryBuckets(tickTimeMs, tickTimeMs);
    for (const [id, timeoutMs] of known) this.track(id, timeoutMs, nowMs);
  }

  get size(): number {
    return this.sessions.size;
  }

  get(id: bigint): TrackedSession | undefined {
    return this.sessions.get(id);
  }

  track(id: bigint, timeoutMs: number, nowMs: number): TrackedSession {
    let session = this.sessions.get(id);
    if (session === undefined) {
      session = new TrackedSession(id, timeoutMs);
      this.sessions.set(id, session);
    }
    this.buckets.renew(session, nowMs, timeoutMs);
    return session;
  }

  /** Somebody heard from the session. @returns whether it is alive */
  touch(id: bigint, timeoutMs: number, nowMs: number): boolean {
    const session = this.sessions.get(id);
    return session !== undefined && this.touchTracked(session, timeoutMs, nowMs);
  }

  touchTracked(session: TrackedSession, timeoutMs: number, nowMs: number): boolean {
    if (session.closing) return false;
    this.buckets.renew(session, nowMs, timeoutMs);
    return true;
  }

  /**
   * May a request that came through `server` act for this session? The first server that asks becomes its owner.
   *
   * @returns Ok, SessionExpired, or SessionMoved when the client has gone to another server meanwhile
   */
  check(id: bigint, server: ServerId): ErrorCode {
    const session = this.sessions.get(id);
    if (session === undefined && this.isLocal(id)) return ErrorCode.Ok;
    return this.checkGlobal(id, server);
  }

  /** As `check`, for what a local session may not do: it counts as none. */
  checkGlobal(id: bigint, server: ServerId): ErrorCode {
    const session = this.sessions.get(id);
    if (session === undefined || session.closing) return ErrorCode.SessionExpired;
    if (session.owner === null) session.owner = server;
    return session.owner === server ? ErrorCode.Ok : ErrorCode.SessionMoved;
  }

  /** The session came to this server. @returns whether it is alive */
  setOwner(id: bigint, server: ServerId): boolean {
    const session = this.sessions.get(id);
    if (session === undefined || session.closing) return false;
    session.owner = server;
    return true;
  }

  markClosing(id: bigint): void {
    const session = this.sessions.get(id);
    if (session !== undefined) session.closing = true;
  }

  /** Its closeSession is committed. */
  remove(id: bigint): void {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    session.closing = true;
    this.buckets.remove(session);
    this.sessions.delete(id);
  }

  nextExpiryMs(): number | null {
    return this.buckets.nextMs();
  }

  /** Sessions that nobody heard from in time; they are closing from now on. */
  takeExpired(nowMs: number): TrackedSession[] {
    const expired = this.buckets.takeExpired(nowMs).filter((session) => !session.closing);
    for (const session of expired) session.closing = true;
    return expired;
  }

  expiryEntries(): Iterable<[expiresAtMs: number, sessions: TrackedSession[]]> {
    return this.buckets.entries();
  }
}
