/**
 * What four-letter words, metrics and the console want to know of the request server; names and meanings are those of
 * Apache's `mntr`. Everything is read when asked for. Source: ServerStats.java, ZooKeeperServer.registerMetrics.
 */
import type { Connection } from './connection.js';
import { operationLabel } from './operations.js';
import type { ServerCore } from './server-core.js';
import type { Summary } from '../meters/index.js';
import { type ServerTraffic, together } from './traffic.js';
import type { WatchMeters } from '../watch/index.js';

export interface RequestCounters {
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly outstandingRequests: number;
  readonly numAliveConnections: number;
  readonly minLatencyMs: number;
  readonly avgLatencyMs: number;
  readonly maxLatencyMs: number;
  /** -1 before the first answer. */
  readonly lastResponseBytes: number;
  readonly minResponseBytes: number;
  readonly maxResponseBytes: number;
  readonly znodeCount: number;
  readonly watchCount: number;
  readonly ephemeralsCount: number;
  readonly approximateDataSize: number;
  readonly globalSessions: number;
  readonly localSessions: number;
  readonly authFailedCount: number;
  readonly connectionRequestCount: number;
  readonly connectionRejected: number;
  readonly unsuccessfulHandshakes: number;
  readonly plainLocalConnections: number;
  readonly plainRemoteConnections: number;
  readonly watchBytes: number;
  readonly reads: Summary;
  readonly updates: Summary;
  readonly staleSessionsExpired: number;
  readonly digestMismatchesCount: number;
  readonly lastProcessedZxid: bigint;
}

export interface ConnectionStats {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Read 1 and write 4, as Java's selection keys; a connection that is paused is not read. */
  readonly interestOps: number;
  readonly isSecure: boolean;
  readonly outstandingRequests: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** 0n before there is a session. */
  readonly sessionId: bigint;
  readonly sessionTimeoutMs: number;
  /** Wall clock. */
  readonly establishedMs: number;
  /** Four letters, `NA` before the first answer. */
  readonly lastOperation: string;
  readonly lastCxid: number;
  readonly lastZxid: bigint;
  /** On the monotonic clock. */
  readonly lastResponseTimeMs: number;
  readonly lastLatencyMs: number;
  readonly minLatencyMs: number;
  readonly avgLatencyMs: number;
  readonly maxLatencyMs: number;
}

export interface WatchSummary {
  readonly connections: number;
  readonly paths: number;
  readonly watches: number;
}

export class ServerStats {
  constructor(private readonly core: ServerCore) {}

  counters(): RequestCounters {
    const { traffic, database, connections, watches, outstanding } = this.core;
    const latency = together(traffic.reads, traffic.updates);
    return {
      packetsReceived: traffic.packetsReceived,
      packetsSent: traffic.packetsSent,
      outstandingRequests: outstanding,
      numAliveConnections: connections.size,
      minLatencyMs: latency.minMs,
      avgLatencyMs: latency.avgMs,
      maxLatencyMs: latency.maxMs,
      lastResponseBytes: traffic.lastResponseBytes,
      minResponseBytes: traffic.minResponseBytes,
      maxResponseBytes: traffic.maxResponseBytes,
      znodeCount: database.tree.nodeCount,
      watchCount: watches.size,
      ephemeralsCount: database.tree.owners.ephemeralCount,
      approximateDataSize: database.tree.approximateDataSize,
      globalSessions: database.sessions.size,
      localSessions: this.core.role?.locals?.size ?? 0,
      authFailedCount: traffic.authFailures,
      connectionRequestCount: traffic.connectionRequests,
      connectionRejected: traffic.connectionsRejected,
      unsuccessfulHandshakes: traffic.unsuccessfulHandshakes,
      plainLocalConnections: traffic.plainLocalConnections,
      plainRemoteConnections: traffic.plainRemoteConnections,
      watchBytes: traffic.watchBytes,
      reads: traffic.reads,
      updates: traffic.updates,
      staleSessionsExpired: traffic.sessionsExpired,
      digestMismatchesCount: database.digests.mismatches,
      lastProcessedZxid: database.lastProcessedZxid,
    };
  }

  get traffic(): ServerTraffic {
    return this.core.traffic;
  }

  get watchMeters(): WatchMeters {
    return this.core.watches.meters;
  }

  /** That a newcomer is turned away by lot. */
  get dropChance(): number {
    return this.core.dropChance();
  }

  *connections(): Iterable<ConnectionStats> {
    for (const connection of this.core.connections) yield connectionStats(connection);
  }

  /** For `wchs`; data watches, as Apache counts there. */
  watchSummary(): WatchSummary {
    const { data } = this.core.watches;
    return { connections: data.watcherCount, paths: data.pathCount, watches: data.size };
  }

  /** For `wchc`. */
  *watchesBySession(): Iterable<[sessionId: bigint, paths: Iterable<string>]> {
    for (const [watcher, paths] of this.core.watches.data.pathsByWatcher()) yield [watcher.sessionId, paths];
  }

  /** For `wchp`. */
  *watchesByPath(): Iterable<[path: string, sessionIds: bigint[]]> {
    for (const [path, watchers] of this.core.watches.data.watchersByPath()) {
      yield [path, Array.from(watchers, ({ sessionId }) => sessionId)];
    }
  }

  /** Sessions by when they expire, on the monotonic clock; only the leader and a server alone know. */
  *sessionExpiries(): Iterable<[expiresAtMs: number, sessionIds: bigint[]]> {
    for (const [at, sessions] of this.core.role?.authority?.sessions.expiryEntries() ?? []) {
      yield [at, sessions.map(({ id }) => id)];
    }
  }

  /** Connections by when they would be closed for their silence, on the monotonic clock. */
  *connectionExpiries(): Iterable<[expiresAtMs: number, connections: ConnectionStats[]]> {
    for (const [at, connections] of this.core.connections.expiryEntries()) yield [at, connections.map(connectionStats)];
  }

  /** Timeout in milliseconds by session. */
  sessions(): ReadonlyMap<bigint, number> {
    return this.core.database.sessions;
  }

  *ephemeralsBySession(): Iterable<[sessionId: bigint, paths: string[]]> {
    const { owners } = this.core.database.tree;
    for (const sessionId of owners.sessions()) {
      yield [sessionId, Array.from(owners.ephemeralsOf(sessionId), ({ path }) => path)];
    }
  }

  /** Since when this role serves, on the monotonic clock; null while none does. */
  get servingSinceMs(): number | null {
    return this.core.role?.sinceMs ?? null;
  }

  /** `srst` */
  reset(): void {
    this.core.traffic.reset();
  }

  /** `crst` */
  resetConnections(): void {
    for (const connection of this.core.connections) connection.traffic.reset();
  }
}

function connectionStats(connection: Connection): ConnectionStats {
  const { link, traffic } = connection;
  return {
    remoteAddress: link.remoteAddress,
    remotePort: link.remotePort,
    interestOps: connection.paused ? 0 : 1,
    isSecure: (link.tls ?? null) !== null,
    outstandingRequests: connection.outstanding,
    packetsReceived: traffic.packetsReceived,
    packetsSent: traffic.packetsSent,
    sessionId: connection.sessionId,
    sessionTimeoutMs: connection.timeoutMs,
    establishedMs: connection.establishedMs,
    lastOperation: traffic.lastType === null ? 'NA' : operationLabel(traffic.lastType),
    lastCxid: traffic.lastCxid,
    lastZxid: traffic.lastZxid,
    lastResponseTimeMs: traffic.lastResponseMs,
    lastLatencyMs: traffic.lastLatencyMs,
    minLatencyMs: traffic.minLatencyMs,
    avgLatencyMs: traffic.avgLatencyMs,
    maxLatencyMs: traffic.maxLatencyMs,
  };
}
