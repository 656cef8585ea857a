/** What the request server takes from `zoo.cfg`, with Apache's defaults. */
import { DEFAULT_MAX_BUFFER_BYTES } from '@menagerie/zookeeper-protocol';
import { type ConnectionThrottleConfig, NO_CONNECTION_THROTTLE } from './connection-throttle.js';
import { DEFAULT_REAPER_CONFIG, type ReaperConfig } from './reaper.js';

export interface SaslConfig {
  /** Of the login configuration; null for a user it does not name. */
  passwordOf(user: string): string | null;
  /** Not to be guessed, new for each connection. */
  newNonce(): string;
  /** `zookeeper.superUser`, `zookeeper.superUser.N` */
  readonly superUsers: readonly string[];
  /** `zookeeper.allowSaslFailedClients`: who fails stays, as nobody. */
  readonly allowFailedClients: boolean;
}

export interface RequestServerConfig {
  readonly tickTimeMs: number;
  /** What a client may get; 2 and 20 ticks. */
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** Requests in flight over all connections before those with something in flight are not read from any more. */
  readonly globalOutstandingLimit: number;
  /** How many new sessions there may be at once. */
  readonly connectionThrottle: ConnectionThrottleConfig;
  /** False (`leaderServes=no`): a leader is left alone by clients. */
  readonly leaderServes: boolean;
  /** How long a connection may take to send its connect request. */
  readonly sessionlessTimeoutMs: number;
  /** `jute.maxbuffer` */
  readonly maxBufferBytes: number;
  /** `zookeeper.extendedTypesEnabled`: nodes with a time to live. */
  readonly extendedTypes: boolean;
  /** No permission is ever checked. */
  readonly skipAcl: boolean;
  /** `zookeeper.DigestAuthenticationProvider.superDigest` */
  readonly superDigest: string | null;
  /** `zookeeper.DigestAuthenticationProvider.digestAlg`, as Node's crypto calls it. */
  readonly digestAlgorithm: string;
  /** `zookeeper.DigestAuthenticationProvider.enabled` */
  readonly digestEnabled: boolean;
  /** Null: a certificate is no identity here. */
  readonly x509: { readonly superUser: string | null } | null;
  /** The SASL mechanism; null: there is no login configuration. */
  readonly sasl: SaslConfig | null;
  /** `sasl` ids may stand in ACLs (`authProvider.N`); null: they may not. */
  readonly saslAcls: { readonly anyUserMayActAs: string | null } | null;
  /** `enforce.auth.schemes`: one of these, or no service; null: not demanded. */
  readonly enforcedSchemes: readonly string[] | null;
  /** `enforceQuota`: hard quotas refuse writes. */
  readonly enforceQuota: boolean;
  /** New sessions are this server's own business. Not on a server alone. */
  readonly localSessions: boolean;
  /** They become global ones when they need to. */
  readonly localSessionsUpgrading: boolean;
  /** The members can be changed by clients. */
  readonly reconfigEnabled: boolean;
  /** One participant alone is a standalone server. */
  readonly standaloneEnabled: boolean;
  readonly reaper: ReaperConfig;
  /** `audit.enable`: changes are logged, with whoever asked; null: they are not. */
  readonly audit: { readonly serverUser: string } | null;
}

export function requestServerConfig(given: Partial<RequestServerConfig> = {}): RequestServerConfig {
  const tickTimeMs = given.tickTimeMs ?? 3000;
  return {
    tickTimeMs,
    minSessionTimeoutMs: 2 * tickTimeMs,
    maxSessionTimeoutMs: 20 * tickTimeMs,
    globalOutstandingLimit: 1000,
    connectionThrottle: NO_CONNECTION_THROTTLE,
    leaderServes: true,
    sessionlessTimeoutMs: 10_000,
    maxBufferBytes: DEFAULT_MAX_BUFFER_BYTES,
    extendedTypes: false,
    skipAcl: false,
    superDigest: null,
    digestAlgorithm: 'sha1',
    digestEnabled: true,
    x509: null,
    sasl: null,
    saslAcls: null,
    enforcedSchemes: null,
    enforceQuota: false,
    localSessions: false,
    localSessionsUpgrading: false,
    reconfigEnabled: false,
    standaloneEnabled: true,
    reaper: DEFAULT_REAPER_CONFIG,
    audit: null,
    ...given,
  };
}
