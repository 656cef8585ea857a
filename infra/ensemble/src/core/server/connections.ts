/** All connections of this server that speak its protocol: by session, and by when they were last heard from. */
import type { ServerId } from '../contract/index.js';
import { ExpiryBuckets } from '../session/index.js';
import type { Connection } from './connection.js';

export class Connections {
  private readonly all = new Set<Connection>();
  private readonly bySession = new Map<bigint, Connection>();
  private readonly idle: ExpiryBuckets<Connection>;

  constructor(
    readonly serverId: ServerId,
    private readonly sessionlessTimeoutMs: number,
    tickTimeMs: number,
  ) {
    this.idle = new ExpiryBuckets(sessionlessTimeoutMs, tickTimeMs);
  }

  get size(): number {
    return this.all.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.all.values();
  }

  ofSession(sessionId: bigint): Connection | undefined {
    return this.bySession.get(sessionId);
  }

  add(connection: Connection, nowMs: number): void {
    this.all.add(connection);
    this.idle.renew(connection, nowMs, this.sessionlessTimeoutMs);
  }

  /** The connection speaks for this session from now on. */
  attach(connection: Connection, sessionId: bigint): void {
    connection.sessionId = sessionId;
    this.bySession.set(sessionId, connection);
  }

  heard(connection: Connection, nowMs: number): void {
    this.idle.renew(connection, nowMs, connection.timeoutMs || this.sessionlessTimeoutMs);
  }

  remove(connection: Connection): void {
    if (!this.all.delete(connection)) return;
    if (this.bySession.get(connection.sessionId) === connection) this.bySession.delete(connection.sessionId);
    this.idle.remove(connection);
  }

  /** Those that said nothing for longer than their session may. */
  takeSilent(nowMs: number): Connection[] {
    return this.idle.takeExpired(nowMs);
  }

  /** By when they would be closed for their silence, on the monotonic clock. */
  expiryEntries(): Iterable<[expiresAtMs: number, connections: Connection[]]> {
    return this.idle.entries();
  }

  nextSilentMs(): number | null {
    return this.idle.nextMs();
  }
}
