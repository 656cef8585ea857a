/**
 * The half of a server that faces clients. Requests come in from connections, reads are answered from the tree, writes
 * go to the leader (or are prepared here, if that is us) and are answered when they come back committed.
 *
 * One connection's answers leave in the order of its requests: what must wait, waits in the connection's queue, and
 * everything behind it waits too. Other connections go on. Source: ZooKeeperServer.java and the pipelines around it.
 */
import { ErrorCode, type Id, JuteWriter, maxFieldBytes, OpCode, Perms, type Txn } from '@menagerie/zookeeper-protocol';
import type {
  ClientAcceptor,
  ClientHandler,
  ClientLink,
  Env,
  Proposal,
  Replication,
  Request,
  RequestServer,
  ServerId,
  TouchedSession,
} from '../contract/index.js';
import type { AuditLog } from '../audit/index.js';
import type { ReplicatedDatabase } from '../database/index.js';
import { AddressIdentities } from '../auth/index.js';
import { serverOfSession } from '../session/index.js';
import type { AclEntry } from '../tree/acl-table.js';
import { Administration } from './administration.js';
import { Authority } from './authority.js';
import { Authentication } from './authentication.js';
import { ClientRequests } from './client-requests.js';
import { type RequestServerConfig, requestServerConfig } from './config.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { LocalSessions } from './local-sessions.js';
import { Role } from './role.js';
import { ServerCore } from './server-core.js';
import { SessionOpening } from './session-opening.js';
import { ServerStats } from './stats.js';
import type { WaitingRequest } from './waiting-request.js';
import type { ServerTraffic } from './traffic.js';
import { TxnAnswer } from './write-answers.js';

export interface RequestServerOptions {
  readonly database: ReplicatedDatabase;
  readonly env: Env;
  readonly serverId: ServerId;
  readonly config?: Partial<RequestServerConfig>;
}

const isError = ({ type }: Txn): boolean => type === OpCode.error;

export const createRequestServer = (options: RequestServerOptions): ClientRequestServer =>
  new ClientRequestServer(options);

export class ClientRequestServer implements RequestServer, ClientAcceptor, ConnectionOwner {
  readonly administration: Administration;
  private readonly core: ServerCore;
  private readonly authentication: Authentication;
  private readonly requests: ClientRequests;
  private readonly opening: SessionOpening;
  private readonly txnAnswer: TxnAnswer;
  private readonly serverStats: ServerStats;
  private readonly addresses = new AddressIdentities();

  constructor({ database, env, serverId, config }: RequestServerOptions) {
    this.core = new ServerCore(database, env, serverId, requestServerConfig(config));
    this.administration = new Administration(this.core);
    this.authentication = new Authentication(this.core);
    this.requests = new ClientRequests(this.core, this.authentication);
    this.opening = new SessionOpening(this.core, (connection, early) => this.handleFrames(connection, early));
    this.txnAnswer = new TxnAnswer(new JuteWriter(), () => database.tree);
    this.serverStats = new ServerStats(this.core);
  }

  stats(): ServerStats {
    return this.serverStats;
  }

  /** Null if nothing is audited. */
  get audit(): AuditLog | null {
    return this.core.audit;
  }

  /** What the ports count in, of connections that do not come as far as this. */
  get traffic(): ServerTraffic {
    return this.core.traffic;
  }

  accept(link: ClientLink): ClientHandler | null {
    const { connections, config, env, role } = this.core;
    if (role === null || (role.replication.role === 'leader' && !config.leaderServes)) {
      if (role === null) this.core.traffic.closedWhileNotServing++;
      link.close('not serving');
      return null;
    }
    const connection = new Connection(this, link, env.wallMs(), this.addresses.identities(link.remoteAddress));
    connections.add(connection, env.monotonicMs());
    return this.authentication.arrived(connection) ? connection : null;
  }

  startServing(replication: Replication): void {
    if (this.core.role !== null) this.stopServing('new role');
    const { database, env } = this.core;
    // Recovery may have passed over the same changes twice.
    database.tree.quotas.rebuild();
    // What a snapshot of another server brought along says how that one was configured.
    const { ensemble } = replication;
    if (ensemble !== null) database.setConfig(ensemble.text, ensemble.config.version, env.wallMs());
    const isAuthority = replication.role === 'leader' || replication.role === 'standalone';
    const locals = this.newLocals(replication);
    const authority = isAuthority ? this.newAuthority(replication, locals) : null;
    this.core.role = new Role(replication, authority, this.core.serverId, locals, env.monotonicMs());
  }

  stopServing(reason: string): void {
    this.core.role = null;
    for (const connection of [...this.core.connections]) this.core.close(connection, reason);
    this.core.watches.clear();
  }

  commit(proposal: Proposal): void {
    const { core } = this;
    const { role } = core;
    const own = role === null ? null : role.takeOwn(proposal);
    const isMulti = proposal.txn.type === OpCode.multi;
    if (core.audit !== null && proposal.txn.type === OpCode.closeSession) this.auditClosing(core.audit, proposal);
    core.database.applyWithResults(proposal, own === null ? null : this.txnAnswer.begin(isMulti));
    core.traffic.propagation.add(Math.max(0, core.env.wallMs() - proposal.header.timeMs));
    if (role !== null) {
      role.authority?.committed(proposal);
      if (own !== null) this.answerOwn(role, own, proposal, isMulti);
      if (proposal.header.type === OpCode.closeSession) this.sessionClosed(role, proposal.header.clientId, own);
    }
    core.outbox.flush();
  }

  learnerRequest(from: ServerId, request: Request): void {
    this.core.role?.authority?.submit(request, from);
  }

  learnerTouched(_from: ServerId, sessions: readonly TouchedSession[]): void {
    const { role } = this.core;
    const nowMs = this.core.env.monotonicMs();
    for (const { sessionId, timeoutMs } of sessions) {
      // A follower that has observers tells its leader with the next ping.
      if (role?.authority) role.authority.sessions.touch(sessionId, timeoutMs, nowMs);
      else role?.touches.touch(sessionId, timeoutMs);
    }
  }

  learnerRevalidate(from: ServerId, sessionId: bigint, timeoutMs: number): boolean {
    const authority = this.core.role?.authority;
    if (!authority) return false;
    if (!authority.sessions.touch(sessionId, timeoutMs, this.core.env.monotonicMs())) return false;
    // Its client left us for `from`; what it may still have sent here must not act for the session any more.
    const own = this.core.connections.ofSession(sessionId);
    if (own !== undefined) this.core.close(own, 'session moved');
    return authority.sessions.setOwner(sessionId, from);
  }

  revalidated(sessionId: bigint, valid: boolean): void {
    const { role } = this.core;
    if (role === null) return;
    this.opening.revalidated(role, sessionId, valid);
    this.core.outbox.flush();
  }

  takeTouchedSessions(): readonly TouchedSession[] {
    return this.core.role?.touches.take() ?? [];
  }

  synced(request: Request): void {
    const { role } = this.core;
    const waiting = role?.takeSync(request);
    if (role === null || waiting === undefined) return;
    this.requests.answerSync(role, waiting);
    this.core.outbox.flush();
  }

  tick(): void {
    const { core } = this;
    const nowMs = core.env.monotonicMs();
    for (const silent of core.connections.takeSilent(nowMs)) {
      if (silent.state === 'fresh') core.traffic.sessionlessExpired++;
      core.close(silent, 'connection timed out');
    }
    core.traffic.sessionsExpired += core.role?.authority?.tick(nowMs) ?? 0;
    for (const sessionId of core.role?.locals?.takeExpired(nowMs) ?? []) {
      core.traffic.sessionsExpired++;
      const connection = core.connections.ofSession(sessionId);
      if (connection !== undefined) core.close(connection, 'session expired');
    }
  }

  wakeAtMs(): number | null {
    const { connections, role } = this.core;
    const times = [connections.nextSilentMs(), role?.authority?.nextTickMs(), role?.locals?.nextExpiryMs()];
    const due = times.filter((time) => typeof time === 'number');
    return due.length === 0 ? null : Math.min(...due);
  }

  received(connection: Connection, frames: readonly Buffer[]): void {
    if (connection.state === 'closed') return;
    this.core.traffic.packetsReceived += frames.length;
    connection.traffic.packetsReceived += frames.length;
    this.handleFrames(connection, frames);
    this.core.outbox.flush();
  }

  lost(connection: Connection): void {
    this.core.forget(connection);
  }

  sendEvent(connection: Connection, frame: Buffer): void {
    this.core.traffic.watchBytes += frame.length;
    this.core.outbox.frame(connection, frame);
  }

  mayRead(acl: AclEntry, identities: readonly Id[]): boolean {
    return this.core.allows(acl, Perms.READ, identities);
  }

  private handleFrames(connection: Connection, frames: readonly Buffer[]): void {
    const { role } = this.core;
    if (role === null) return;
    const nowMs = this.core.env.monotonicMs();
    this.core.connections.heard(connection, nowMs);
    for (const frame of frames) {
      if (connection.state === 'open') this.requests.handle(role, connection, frame, nowMs);
      else if (connection.state === 'fresh') this.opening.connect(role, connection, frame, nowMs);
      else if (connection.state === 'opening') (connection.early ??= []).push(Buffer.from(frame));
      else return;
    }
    this.requests.throttle(connection);
  }

  /** Looked at before it is done, while the nodes can be told from those that are gone already. */
  private auditClosing(audit: AuditLog, { header, txn }: Proposal): void {
    const { tree } = this.core.database;
    const named = (txn.type === OpCode.closeSession ? txn.paths : null) ?? [];
    const owned = Array.from(tree.owners.ephemeralsOf(header.clientId), ({ path }) => path);
    const [found, missing] = [[] as string[], [] as string[]];
    for (const path of new Set([...named, ...owned])) (tree.get(path) === undefined ? missing : found).push(path);
    audit.sessionClosed(header.clientId, found, missing);
  }

  private answerOwn(role: Role, request: WaitingRequest, { txn }: Proposal, isMulti: boolean): void {
    const { connection } = request;
    if (request.type === OpCode.createSession) {
      if (connection.state !== 'opening') return;
      connection.waiting.shift();
      this.opening.created(role, connection, txn.type === OpCode.createSession);
      return;
    }
    const multiBody = isMulti ? this.txnAnswer.takeMultiBody() : null;
    const err = this.txnAnswer.sessionMoved ? ErrorCode.SessionMoved : this.txnAnswer.err;
    if (this.core.audit !== null && err !== ErrorCode.SessionMoved) {
      const hasFailed = err !== ErrorCode.Ok || (txn.type === OpCode.multi && txn.ops.some(isError));
      this.core.audit.answered(request, connection.link.remoteAddress, txn, !hasFailed);
    }
    this.requests.answerWrite(role, request, txn, err, multiBody);
  }

  /** @param own the client's own request, whose answer closes the connection in its turn; null for an expiry */
  private sessionClosed(role: Role, sessionId: bigint, own: WaitingRequest | null): void {
    role.touches.remove(sessionId);
    const connection = this.core.connections.ofSession(sessionId);
    if (connection !== undefined && connection !== own?.connection) this.core.close(connection, 'session closed');
  }

  /** In read-only mode there can be no others. */
  private newLocals({ role }: Replication): LocalSessions | null {
    const { config, env } = this.core;
    const hasLocals = role === 'readOnly' || (config.localSessions && role !== 'standalone');
    return hasLocals ? new LocalSessions(config.tickTimeMs, env.monotonicMs(), config.localSessionsUpgrading) : null;
  }

  private newAuthority(replication: Replication, locals: LocalSessions | null): Authority {
    const { database, env, serverId, config, providers } = this.core;
    // One that another server made may be local there; one of ours is if we know it.
    const isLocalSession = (id: bigint): boolean =>
      locals !== null && (serverOfSession(id) !== serverId || locals.get(id) !== null);
    return new Authority({
      database,
      env,
      replication,
      serverId,
      tickTimeMs: config.tickTimeMs,
      providers,
      allows: (node, perms, identities) => this.core.allows(node.acl, perms, identities),
      extendedTypes: config.extendedTypes,
      maxTxnBytes: maxFieldBytes(config.maxBufferBytes),
      isLocalSession,
      enforceQuota: config.enforceQuota,
      reconfigEnabled: config.reconfigEnabled,
      standaloneEnabled: config.standaloneEnabled,
      reaper: config.reaper,
    });
  }
}
