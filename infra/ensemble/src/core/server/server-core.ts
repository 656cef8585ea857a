/** What the parts of the request server share, and how a connection ends. */
import { type Id, maxFieldBytes } from '@menagerie/zookeeper-protocol';
import { AuditLog } from '../audit/index.js';
import {
  type AuthProvider,
  AuthProviders,
  DigestProvider,
  IpProvider,
  isAllowed,
  SaslProvider,
  X509Provider,
} from '../auth/index.js';
import type { Env, ServerId } from '../contract/index.js';
import type { ReplicatedDatabase } from '../database/index.js';
import type { AclEntry } from '../tree/acl-table.js';
import { Watches } from '../watch/index.js';
import type { RequestServerConfig } from './config.js';
import type { Connection } from './connection.js';
import { Connections } from './connections.js';
import { Outbox } from './outbox.js';
import type { Role } from './role.js';
import { ServerTraffic } from './traffic.js';

/** The one way to end a connection that is not this server's doing. */
export const CLIENT_CLOSED = 'client closed its session';

export class ServerCore {
  readonly traffic = new ServerTraffic();
  readonly outbox = new Outbox(this.traffic);
  readonly watches = new Watches<Connection>();
  readonly connections: Connections;
  readonly providers: AuthProviders;
  /** Null if nothing is audited. */
  readonly audit: AuditLog | null;
  /** Null while not serving. */
  role: Role | null = null;
  /** Requests of all connections that wait for an answer and count for the limit. */
  outstanding = 0;
  /** Of the throttle of new sessions. */
  dropChance: () => number = () => 0;

  constructor(
    readonly database: ReplicatedDatabase,
    readonly env: Env,
    readonly serverId: ServerId,
    readonly config: RequestServerConfig,
  ) {
    this.connections = new Connections(serverId, config.sessionlessTimeoutMs, config.tickTimeMs);
    this.providers = new AuthProviders(providersOf(config));
    const { audit, maxBufferBytes } = config;
    this.audit = audit && new AuditLog(env.log, this.providers, audit.serverUser, maxFieldBytes(maxBufferBytes));
    database.observe(this.watches);
  }

  get zxid(): bigint {
    return this.database.lastProcessedZxid;
  }

  allows(acl: AclEntry, perms: number, identities: readonly Id[]): boolean {
    return this.config.skipAcl || isAllowed(this.providers, acl, perms, identities);
  }

  /** What was written for it still goes out. */
  close(connection: Connection, reason: string): void {
    if (connection.state === 'closed') return;
    this.outbox.flush();
    if (reason !== CLIENT_CLOSED) this.traffic.connectionsDropped++;
    this.forget(connection);
    connection.link.close(reason);
  }

  /** The connection is of no use any more: nothing is sent to it, nobody waits for it, it watches nothing. */
  forget(connection: Connection): void {
    if (connection.state === 'closed') return;
    connection.state = 'closed';
    this.connections.remove(connection);
    this.watches.forget(connection);
    this.outstanding -= connection.outstanding;
    connection.outstanding = 0;
    connection.waiting.clear();
    connection.early = null;
  }
}

function providersOf(config: RequestServerConfig): AuthProvider[] {
  const { superDigest, digestAlgorithm: algorithm, digestEnabled, x509, saslAcls } = config;
  const providers: AuthProvider[] = [new IpProvider()];
  if (digestEnabled) providers.push(new DigestProvider({ superDigest, algorithm }));
  if (x509 !== null) providers.push(new X509Provider(x509.superUser));
  if (saslAcls !== null) providers.push(new SaslProvider(saslAcls.anyUserMayActAs));
  return providers;
}
