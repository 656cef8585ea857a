/** Counters of one connection, and of the server. Source: ServerCnxn.java, ServerStats.java. */
import { Summary } from '../meters/index.js';

export class Latency {
  count = 0;
  totalMs = 0;
  maxMs = 0;
  private smallestMs = Number.POSITIVE_INFINITY;

  get minMs(): number {
    return this.count === 0 ? 0 : this.smallestMs;
  }

  get avgMs(): number {
    return this.count === 0 ? 0 : this.totalMs / this.count;
  }

  add(ms: number): void {
    this.count++;
    this.totalMs += ms;
    if (ms > this.maxMs) this.maxMs = ms;
    if (ms < this.smallestMs) this.smallestMs = ms;
  }

  reset(): void {
    this.count = 0;
    this.totalMs = 0;
    this.maxMs = 0;
    this.smallestMs = Number.POSITIVE_INFINITY;
  }
}

/** Longer than anything is answered in. */
const NO_LATENCY_MS = 2 ** 30;

/** Two kinds together. */
export function together(one: Summary, other: Summary): { minMs: number; avgMs: number; maxMs: number } {
  const count = one.count + other.count;
  const least = one.count === 0 ? other.min : other.count === 0 ? one.min : Math.min(one.min, other.min);
  return {
    minMs: least,
    avgMs: count === 0 ? 0 : (one.sum + other.sum) / count,
    maxMs: Math.max(one.max, other.max),
  };
}

/**
 * Times are whole milliseconds, as Apache shows them of a connection: an integer lies in its field, while each fraction
 * would be an object on the heap, times five, times ten thousand connections.
 */
export class ConnectionTraffic {
  packetsReceived = 0;
  packetsSent = 0;
  /** Of the last request answered: an OpCode, its xid unless that was a special one, the zxid in the answer. */
  lastType: number | null = null;
  lastCxid = -1;
  lastZxid = -1n;
  /** On the monotonic clock; 0 for none yet. */
  lastResponseMs = 0;
  lastLatencyMs = 0;
  maxLatencyMs = 0;
  private leastLatencyMs = NO_LATENCY_MS;
  private totalLatencyMs = 0;
  private answers = 0;

  get minLatencyMs(): number {
    return this.answers === 0 ? 0 : this.leastLatencyMs;
  }

  get avgLatencyMs(): number {
    return this.answers === 0 ? 0 : Math.floor(this.totalLatencyMs / this.answers);
  }

  answered(type: number, cxid: number, zxid: bigint, startMs: number, endMs: number): void {
    if (cxid >= 0) this.lastCxid = cxid;
    this.lastType = type;
    this.lastZxid = zxid;
    this.lastResponseMs = Math.floor(endMs);
    const latencyMs = this.lastResponseMs - Math.floor(startMs);
    this.lastLatencyMs = latencyMs;
    this.totalLatencyMs += latencyMs;
    this.answers++;
    if (latencyMs > this.maxLatencyMs) this.maxLatencyMs = latencyMs;
    if (latencyMs < this.leastLatencyMs) this.leastLatencyMs = latencyMs;
  }

  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.lastType = null;
    this.lastCxid = -1;
    this.lastZxid = -1n;
    this.lastResponseMs = 0;
    this.lastLatencyMs = 0;
    this.maxLatencyMs = 0;
    this.leastLatencyMs = NO_LATENCY_MS;
    this.totalLatencyMs = 0;
    this.answers = 0;
  }
}

export class ServerTraffic {
  packetsReceived = 0;
  packetsSent = 0;
  readonly reads = new Summary();
  readonly updates = new Summary();
  /** From a transaction's making to its coming into this server's tree; on two clocks, if another server made it. */
  readonly propagation = new Summary();
  /** Tokens that the throttle of new sessions was short of, at each one that came. */
  readonly tokenDeficit = new Summary();
  /** Payload sizes of answers; -1 for none yet, as Apache shows it. */
  lastResponseBytes = -1;
  minResponseBytes = -1;
  maxResponseBytes = -1;
  authFailures = 0;
  connectionRequests = 0;
  connectionsRejected = 0;
  /** Closed by this server for what they did or were not allowed to do. */
  connectionsDropped = 0;
  /** Asked to go on with a session. */
  connectionsRevalidated = 0;
  /** Closed because no session was asked for in time. */
  sessionlessExpired = 0;
  /** Came while this server did not serve. */
  closedWhileNotServing = 0;
  /** Done for clients that had gone. */
  staleReplies = 0;
  unsuccessfulHandshakes = 0;
  /** Connections without TLS that came from this machine, and from others. */
  plainLocalConnections = 0;
  plainRemoteConnections = 0;
  watchBytes = 0;
  sessionsExpired = 0;

  responded(bytes: number): void {
    this.packetsSent++;
    this.lastResponseBytes = bytes;
    if (this.minResponseBytes < 0 || bytes < this.minResponseBytes) this.minResponseBytes = bytes;
    if (bytes > this.maxResponseBytes) this.maxResponseBytes = bytes;
  }

  /** What `srst` clears. */
  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.reads.reset();
    this.updates.reset();
    this.lastResponseBytes = -1;
    this.minResponseBytes = -1;
    this.maxResponseBytes = -1;
  }
}
