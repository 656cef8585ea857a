/** What operators may see of a server: everything that four-letter words, the AdminServer and the metrics read. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Env, Peer, PeerDescription } from '../../core/contract/index.js';
import type { DigestAt, ReplicatedDatabase } from '../../core/database/index.js';
import { type PeerMeters, Summary } from '../../core/meters/index.js';
import { type HostPort, memberOf, type QuorumConfig } from '../../core/quorum/index.js';
import type { RemoteParty } from '../../core/auth/index.js';
import type { ClientRequestServer, RequestCounters, ServerStats, Verdict } from '../../core/server/index.js';
import type { ServerConfig } from '../config/index.js';
import type { ClientPorts } from '../server/client-ports.js';
import type { ProposalSizes } from '../server/proposal-sizes.js';
import type { SnapshotTaken, Storage } from '../storage/storage.js';

/** What an operator may have done. */
export interface OperatorControls {
  /** Null when there is no room for one now. */
  takeSnapshot(): Promise<SnapshotTaken | null>;
  /**
   * Reads a snapshot file to its end and serves its state.
   *
   * @returns the zxid from which the server goes on
   * @throws SnapshotError and others when it is none, or damaged; nothing has changed then
   */
  restore(body: AsyncIterable<Buffer>): Promise<bigint>;
  /** @see Administration.shed */
  shed(share: number): number;
}

export interface ServerViewOptions {
  readonly controls: OperatorControls;
  readonly config: ServerConfig;
  readonly env: Env;
  readonly peer: Peer;
  readonly requests: ClientRequestServer;
  readonly database: ReplicatedDatabase;
  readonly proposalSizes: ProposalSizes;
  readonly peerMeters: PeerMeters;
  readonly storage: () => Storage | null;
  readonly ports: () => ClientPorts;
}

export type ServerMode = 'leader' | 'follower' | 'observer' | 'standalone' | 'read-only';

const MODES: Readonly<Record<PeerDescription['state'], ServerMode | null>> = {
  leading: 'leader',
  following: 'follower',
  observing: 'observer',
  standalone: 'standalone',
  looking: null,
};

/** Requests without pings, sessions, warnings, and what comes too late. */
const DEFAULT_TRACE_MASK = 306n;

export class ServerView {
  bytesReceived = 0;
  bytesSent = 0;
  /** `gtmk` and `stmk`: told and kept, for those who ask. Source: ZooTrace.java. */
  traceMask = DEFAULT_TRACE_MASK;
  /** Of operators' own commands. */
  readonly counts = {
    snapshotErrors: 0,
    snapshotsRateLimited: 0,
    restoreErrors: 0,
    restoresRateLimited: 0,
    /** Connections without TLS to an admin port that has it. */
    plainAdmins: 0,
  };
  readonly restoreTime = new Summary();
  private readonly startedAtMs: number;

  constructor(private readonly options: ServerViewOptions) {
    this.startedAtMs = options.env.monotonicMs();
  }

  get controls(): OperatorControls {
    return this.options.controls;
  }

  judge(scheme: string, credentials: Buffer | null, from: RemoteParty): Verdict {
    return this.options.requests.administration.judge(scheme, credentials, from);
  }

  get config(): ServerConfig {
    return this.options.config;
  }

  /** The members as they are committed now; null on a server alone. */
  get quorum(): QuorumConfig | null {
    return this.options.peer.membership?.current ?? null;
  }

  /** Where clients find this server; null if it listens for none. */
  get clientAddress(): HostPort | null {
    const own = this.quorum === null ? null : memberOf(this.quorum, this.config.serverId);
    return own?.client ?? this.config.clientPort.address;
  }

  get peerMeters(): PeerMeters {
    return this.options.peerMeters;
  }

  get proposalSizes(): ProposalSizes {
    return this.options.proposalSizes;
  }

  get peer(): PeerDescription {
    return this.options.peer.describe();
  }

  /** Null while it does not serve. */
  get mode(): ServerMode | null {
    const { state, phase, isReadOnly } = this.peer;
    if (isReadOnly) return 'read-only';
    if (phase !== 'broadcast' || (state === 'leading' && !this.config.leaderServes)) return null;
    return MODES[state];
  }

  get stats(): ServerStats {
    return this.options.requests.stats();
  }

  get counters(): RequestCounters {
    return this.stats.counters();
  }

  get digests(): readonly DigestAt[] {
    return this.options.database.digests.history;
  }

  /** Null before recovery. */
  get storage(): Storage | null {
    return this.options.storage();
  }

  get uptimeMs(): number {
    return Math.floor(this.options.env.monotonicMs() - this.startedAtMs);
  }

  get snapshotDirectory(): string {
    return join(this.config.storage.dataDir, 'version-2');
  }

  get logDirectory(): string {
    return join(this.config.storage.dataLogDir, 'version-2');
  }

  /** Bytes of the files in a directory. */
  sizeOf(directory: string): number {
    let bytes = 0;
    for (const name of readdirSync(directory)) {
      const info = statSync(join(directory, name), { throwIfNoEntry: false });
      if (info?.isFile() === true) bytes += info.size;
    }
    return bytes;
  }

  /** A time on the monotonic clock as a date. */
  dateOf(monotonicMs: number): Date {
    const { env } = this.options;
    return new Date(env.wallMs() + (monotonicMs - env.monotonicMs()));
  }

  countBytes(what: 'received' | 'sent', bytes: number): void {
    if (what === 'received') this.bytesReceived += bytes;
    else this.bytesSent += bytes;
  }

  get roleUptimeMs(): number {
    return Math.floor(this.nowMs - (this.stats.servingSinceMs ?? this.nowMs));
  }

  get ports(): ClientPorts {
    return this.options.ports();
  }

  /** On the monotonic clock. */
  get nowMs(): number {
    return this.options.env.monotonicMs();
  }

  /** A word came, or its answer went. */
  countWord(what: 'received' | 'sent'): void {
    const { traffic } = this.options.requests;
    if (what === 'received') traffic.packetsReceived++;
    else traffic.packetsSent++;
  }

  /** `srst` */
  resetStats(): void {
    this.stats.reset();
    this.proposalSizes.reset();
    this.storage?.stats.reset();
  }
}
