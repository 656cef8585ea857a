/** A parsed configuration: Apache's keys under our names, units last. Defaults are filled in. */
import type { ServerId } from '../../core/contract/index.js';
import type { HostPort, LearnerRole, QuorumConfig } from '../../core/quorum/index.js';
import type { ConnectionThrottleConfig } from '../../core/server/index.js';
import type { TlsConfig } from './tls-types.js';

export interface StorageConfig {
  readonly dataDir: string;
  readonly dataLogDir: string;
  readonly preAllocBytes: number;
  /** False (`forceSync=no`): a power failure may lose what clients were told is safe. */
  readonly forceSync: boolean;
  readonly fsyncWarningMs: number;
  /** A snapshot is due after half of this many transactions and up to as many again at random. */
  readonly snapCount: number;
  /** The same rule in bytes of log; 0 switches it off. */
  readonly snapSizeLimitBytes: number;
  /** The log is rolled when a file is larger; 0 switches it off. */
  readonly txnLogSizeLimitBytes: number;
  /** Log read back for a learner may be this part of a snapshot's size; 0 or less: never read back. */
  readonly snapshotSizeFactor: number;
  readonly trustEmptySnapshot: boolean;
  /** False: a server without data does not vote unless a file `initialize` is there. */
  readonly dbAutocreate: boolean;
  readonly dataDirAutocreate: boolean;
  readonly snapRetainCount: number;
  /** 0: never. */
  readonly purgeIntervalHours: number;
  /** Longest field or record accepted. */
  readonly maxBufferBytes: number;
}

export interface ClientPortConfig {
  /** Null: this server listens for no clients. */
  readonly address: HostPort | null;
  /** `secureClientPort`: TLS and nothing else. */
  readonly secureAddress: HostPort | null;
  /** `client.portUnification`: `address` takes TLS as well. */
  readonly portUnification: boolean;
  /** Not null if either is set. */
  readonly tls: TlsConfig | null;
  /** Null: the system's default. */
  readonly backlog: number | null;
  /** Per address; 0: no limit. */
  readonly maxClientCnxns: number;
  /** In all; 0: no limit. */
  readonly maxCnxns: number;
  /** A connection without a session is closed after this. */
  readonly sessionlessTimeoutMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** The lower of `globalOutstandingLimit` and, if that is set, `request_throttle_max_requests`. */
  readonly globalOutstandingLimit: number;
  readonly connectionThrottle: ConnectionThrottleConfig;
  readonly maxBufferBytes: number;
}

/** Whom SASL lets in. */
export interface SaslLogins {
  /** By user. Never logged. */
  readonly passwords: ReadonlyMap<string, string>;
  readonly superUsers: readonly string[];
  readonly allowFailedClients: boolean;
}

export interface AuthConfig {
  readonly superDigest: string | null;
  /** As Node's crypto calls it. */
  readonly digestAlgorithm: string;
  readonly digestEnabled: boolean;
  /** Null: no certificate is an identity. */
  readonly x509: { readonly superUser: string | null } | null;
  /** Null: `sasl` ids may not stand in ACLs. */
  readonly saslAcls: { readonly anyUserMayActAs: string | null } | null;
  /** Null: no SASL mechanism. */
  readonly saslLogins: SaslLogins | null;
  /** Null: nobody has to authenticate. */
  readonly enforcedSchemes: readonly string[] | null;
}

/** Between the servers of an ensemble. */
export interface PeerTlsConfig {
  readonly tls: TlsConfig;
  /** `sslQuorum`: others are dialled with TLS. */
  readonly dials: boolean;
  /** `portUnification`: plain connections are taken, too. */
  readonly allowsPlain: boolean;
}

export interface EnsembleTimingConfig {
  readonly tickTimeMs: number;
  readonly initLimitTicks: number;
  readonly syncLimitTicks: number;
  readonly connectToLearnerMasterLimitTicks: number;
  readonly electionConnectTimeoutMs: number;
  readonly minNotificationIntervalMs: number;
  readonly maxNotificationIntervalMs: number;
  /** Null: off. */
  readonly leaderMaxTimeToWaitForEpochMs: number | null;
}

export interface AdminTlsConfig {
  readonly tls: TlsConfig;
  /** `admin.portUnification` without `admin.forceHttps`. */
  readonly allowsPlain: boolean;
}

export interface AdminConfig {
  readonly enabled: boolean;
  readonly address: HostPort;
  /** Such as `/commands`. */
  readonly commandUrl: string;
  /** Null: HTTP without TLS. With the keys of `ssl.quorum.`, as in Apache. */
  readonly tls: AdminTlsConfig | null;
  /** A connection that says nothing for so long is closed. */
  readonly idleTimeoutMs: number;
  readonly snapshotEnabled: boolean;
  readonly restoreEnabled: boolean;
  /** One snapshot and one restore in this time. */
  readonly rateLimitIntervalMs: number;
  /** Where Prometheus scrapes; null: no exporter. */
  readonly metricsAddress: HostPort | null;
}

export interface ServerConfig {
  /** The file it came from; null for one made in memory. */
  readonly file: string | null;
  /** As the operator wrote it, without its secrets: for who asks a running server. */
  readonly text: string;
  /** What Apache would take for `zookeeper.<key>`; without secrets. */
  readonly systemProperties: ReadonlyMap<string, string>;
  /** From `myid`; 0 for a standalone server without that file. */
  readonly serverId: ServerId;
  readonly role: LearnerRole;
  /** Null: standalone. */
  readonly quorum: QuorumConfig | null;
  /** Members that were proposed when the server stopped, and may have been committed since. */
  readonly seenQuorum: QuorumConfig | null;
  readonly reconfigEnabled: boolean;
  /** One participant alone is a standalone server. */
  readonly standaloneEnabled: boolean;
  readonly timing: EnsembleTimingConfig;
  readonly clientPort: ClientPortConfig;
  readonly storage: StorageConfig;
  readonly admin: AdminConfig;
  readonly quorumListenOnAllIPs: boolean;
  /** Where followers take observers, and observers look for them; null: all observe the leader. */
  readonly observerMasterPort: number | null;
  readonly fourLetterWords: ReadonlySet<string>;
  readonly skipAcl: boolean;
  readonly localSessionsEnabled: boolean;
  readonly localSessionsUpgradingEnabled: boolean;
  /** `readonlymode.enabled`: clients that ask for it are served without a leader. */
  readonly readOnlyMode: boolean;
  readonly leaderServes: boolean;
  readonly syncEnabled: boolean;
  readonly digestEnabled: boolean;
  readonly extendedTypesEnabled: boolean;
  readonly enforceQuota: boolean;
  /** Who changed what goes into the log. */
  readonly auditEnabled: boolean;
  readonly commitLogCount: number;
  readonly auth: AuthConfig;
  /** Null: servers speak plainly with each other. */
  readonly peerTls: PeerTlsConfig | null;
  readonly containerCheckIntervalMs: number;
  readonly containerMaxPerMinute: number;
  readonly containerMaxNeverUsedIntervalMs: number;
  /** One line each: what is set and has no effect, or may not be meant. */
  readonly warnings: readonly string[];
}
