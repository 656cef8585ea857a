/**
 * One role of this server, from `startServing` to `stopServing`: how writes get ordered meanwhile, and which requests
 * of our own clients are on their way. With the role goes everything that was pending in it.
 */
import { OpCode } from '@menagerie/zookeeper-protocol';
import type { Proposal, Replication, Request, ServerId } from '../contract/index.js';
import { TouchTable } from '../session/index.js';
import type { Authority } from './authority.js';
import type { Connection } from './connection.js';
import { Fifo } from './fifo.js';
import type { LocalSessions } from './local-sessions.js';
import { WaitingRequest } from './waiting-request.js';

export class Role {
  readonly touches = new TouchTable();
  /** Writes of our clients in the order in which they went out, which is the order in which they come back. */
  private readonly ownWrites = new Fifo<WaitingRequest>();
  private readonly syncs = new Map<Request, WaitingRequest>();

  constructor(
    readonly replication: Replication,
    /** Null on a learner. */
    readonly authority: Authority | null,
    private readonly serverId: ServerId,
    /** Null if new sessions are not of that kind. */
    readonly locals: LocalSessions | null,
    /** On the monotonic clock. */
    readonly sinceMs: number,
  ) {}

  get isReadOnly(): boolean {
    return this.replication.role === 'readOnly';
  }

  /** @returns whether the session is alive as far as we know; requests of one that is not are dropped */
  touch(connection: Connection, nowMs: number): boolean {
    const { local } = connection;
    if (local !== null) return this.locals !== null && this.locals.touch(local, connection.timeoutMs, nowMs);
    if (this.authority !== null) {
      const { tracked } = connection;
      return tracked !== null && this.authority.sessions.touchTracked(tracked, connection.timeoutMs, nowMs);
    }
    if (connection.touchedRound !== this.touches.round) {
      connection.touchedRound = this.touches.round;
      this.touches.touch(connection.sessionId, connection.timeoutMs);
    }
    return true;
  }

  /** Whether the client has gone to another server with its session. */
  hasMoved({ tracked }: Connection): boolean {
    if (tracked === null) return false;
    tracked.owner ??= this.serverId;
    return tracked.owner !== this.serverId;
  }

  /** A local session becomes one that all servers know; what its client sends from now on comes behind that. */
  upgrade(connection: Connection, nowMs: number): void {
    const { sessionId, timeoutMs } = connection;
    this.locals?.remove(sessionId);
    connection.local = null;
    const body = Buffer.alloc(4);
    body.writeInt32BE(timeoutMs, 0);
    this.submit(new WaitingRequest(connection, sessionId, 0, OpCode.createSession, body, [], nowMs, false));
    connection.tracked = this.authority?.sessions.get(sessionId) ?? null;
  }

  submit(request: WaitingRequest): void {
    this.ownWrites.push(request);
    if (this.authority !== null) request.zxid = this.authority.submit(request, this.serverId);
    else this.replication.forward(request);
  }

  sync(request: WaitingRequest): void {
    this.syncs.set(request, request);
    this.replication.sync(request);
  }

  takeSync(request: Request): WaitingRequest | undefined {
    const waiting = this.syncs.get(request);
    this.syncs.delete(request);
    return waiting;
  }

  /**
   * The request of ours that this transaction answers, if it is one. Ours come back in the order they went out, those
   * of connections that are gone included: so only the first can match. Any other transaction, also one with the session
   * of a client that has just come to us and a cxid we never saw, is somebody else's (ZOOKEEPER-2684).
   */
  takeOwn({ zxid, header }: Proposal): WaitingRequest | null {
    const first = this.ownWrites.peek();
    if (first === undefined) return null;
    const isOurs =
      this.authority !== null ? first.zxid === zxid : first.sessionId === header.clientId && first.cxid === header.cxid;
    if (!isOurs) return null;
    this.ownWrites.shift();
    return first;
  }
}
