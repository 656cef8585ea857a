/**
 * What happens to a connection before it has a session. Nothing is read from it meanwhile; what it sent too early is
 * kept for when it has one. Source: ZooKeeperServer.processConnectRequest, reopenSession, finishSessionInit.
 */
import {
  type ConnectRequest,
  decodeConnectRequest,
  JuteReader,
  OpCode,
  ZkProtocolError,
} from '@menagerie/zookeeper-protocol';
import { SessionIds } from '../session/index.js';
import type { Connection } from './connection.js';
import { ConnectionThrottle, type ConnectionWeights } from './connection-throttle.js';
import { grantedTimeout, isPasswordRight, writeSessionGranted, writeSessionRefused } from './handshake.js';
import type { Role } from './role.js';
import type { ServerCore } from './server-core.js';
import { WaitingRequest } from './waiting-request.js';

export class SessionOpening {
  private readonly sessionIds: SessionIds;
  private readonly throttle: ConnectionThrottle;

  constructor(
    private readonly core: ServerCore,
    /** Takes up the frames that came too early. */
    private readonly opened: (connection: Connection, early: readonly Buffer[]) => void,
  ) {
    const { config, env } = core;
    this.sessionIds = new SessionIds(core.serverId, env.wallMs());
    this.throttle = new ConnectionThrottle(config.connectionThrottle, () => env.random(), env.monotonicMs());
    core.dropChance = () => this.throttle.dropChance;
  }

  /** The first frame of a connection. */
  connect(role: Role, connection: Connection, frame: Buffer, nowMs: number): void {
    const request = readConnectRequest(frame);
    if (request === null) return this.core.close(connection, 'expected a connect request');
    const isAdmitted = this.throttle.admits(this.kindOf(role, request), nowMs);
    this.core.traffic.tokenDeficit.add(this.throttle.deficit);
    if (!isAdmitted) {
      this.core.traffic.connectionsRejected++;
      return this.core.close(connection, 'too many new sessions at once');
    }
    this.core.traffic.connectionRequests++;
    connection.hasReadOnly = request.hasReadOnly;
    if (role.isReadOnly && !request.readOnly) {
      return this.core.close(connection, 'read-only mode, and the client did not ask for that');
    }
    if (request.lastZxidSeen > this.core.zxid) {
      // It has seen more than we have: another server will do, or we will in a moment.
      return this.core.close(connection, 'client has seen a later zxid than this server');
    }
    connection.state = 'opening';
    connection.timeoutMs = grantedTimeout(request.timeoutMs, this.core.config);
    this.core.connections.heard(connection, nowMs);
    connection.pause();
    if (request.sessionId === 0n) this.create(role, connection, nowMs);
    else {
      this.core.traffic.connectionsRevalidated++;
      this.reopen(role, connection, request, nowMs);
    }
  }

  /** What became of the new session is committed. */
  created(role: Role, connection: Connection, valid: boolean): void {
    connection.tracked = role.authority?.sessions.get(connection.sessionId) ?? null;
    this.finish(role, connection, valid && (role.authority === null || connection.tracked !== null));
  }

  /** The leader has answered whether the session is alive. */
  revalidated(role: Role, sessionId: bigint, valid: boolean): void {
    const connection = this.core.connections.ofSession(sessionId);
    // A connection with something in its queue waits for the commit of a new session instead.
    if (connection?.state === 'opening' && connection.waiting.length === 0) this.finish(role, connection, valid);
  }

  private kindOf(role: Role, { sessionId }: ConnectRequest): keyof ConnectionWeights {
    if (sessionId !== 0n) return 'renewSession';
    return role.locals === null ? 'globalSession' : 'localSession';
  }

  private create(role: Role, connection: Connection, nowMs: number): void {
    const { database, connections } = this.core;
    const sessionId = this.sessionIds.next(
      (id) => database.sessions.has(id) || connections.ofSession(id) !== undefined,
    );
    connections.attach(connection, sessionId);
    if (role.locals !== null) {
      connection.local = role.locals.begin(sessionId, connection.timeoutMs, nowMs);
      return this.finish(role, connection, true);
    }
    const body = Buffer.alloc(4);
    body.writeInt32BE(connection.timeoutMs, 0);
    const request = new WaitingRequest(connection, sessionId, 0, OpCode.createSession, body, [], nowMs, false);
    connection.waiting.push(request);
    role.submit(request);
  }

  /**
   * The password is looked at before the session's other connection is closed: Apache closes first, so that anybody who
   * guesses an id can disconnect its owner.
   */
  private reopen(role: Role, connection: Connection, request: ConnectRequest, nowMs: number): void {
    const { sessionId } = request;
    // Whether it is alive only a leader knows: its client is to go on looking for one.
    if (role.isReadOnly && this.core.database.sessions.has(sessionId)) {
      return this.core.close(connection, 'read-only mode, and the session is a global one');
    }
    if (!isPasswordRight(request)) {
      this.core.env.log.warn('wrong session password', { sessionId, from: connection.link.remoteAddress });
      return this.finish(role, connection, false);
    }
    const previous = this.core.connections.ofSession(sessionId);
    if (previous !== undefined) this.core.close(previous, 'client reconnected');
    this.core.connections.attach(connection, sessionId);
    connection.local = role.locals?.get(sessionId) ?? null;
    if (connection.local !== null) return this.finish(role, connection, role.touch(connection, nowMs));
    if (role.isReadOnly) return this.finish(role, connection, false);
    if (role.authority === null) return role.replication.revalidate(sessionId, connection.timeoutMs);
    const { sessions } = role.authority;
    const valid =
      sessions.touch(sessionId, connection.timeoutMs, nowMs) && sessions.setOwner(sessionId, this.core.serverId);
    connection.tracked = sessions.get(sessionId) ?? null;
    this.finish(role, connection, valid);
  }

  private finish(role: Role, connection: Connection, valid: boolean): void {
    const writer = this.core.outbox.open(connection);
    const readOnly = connection.hasReadOnly ? role.isReadOnly : null;
    if (!valid) {
      writeSessionRefused(writer, readOnly);
      return this.core.close(connection, 'session expired or unknown');
    }
    connection.traffic.packetsSent++;
    this.core.traffic.packetsSent++;
    writeSessionGranted(writer, connection.sessionId, connection.timeoutMs, readOnly);
    connection.state = 'open';
    const { early } = connection;
    connection.early = null;
    connection.resume();
    if (early !== null) this.opened(connection, early);
  }
}

function readConnectRequest(frame: Buffer): ConnectRequest | null {
  try {
    return decodeConnectRequest(new JuteReader(frame));
  } catch (error) {
    if (error instanceof ZkProtocolError) return null;
    throw error;
  }
}
