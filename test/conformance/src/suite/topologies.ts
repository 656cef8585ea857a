/** The ways a server is set up for the suite, each a column of the printed table. */
import type { TestEnsembleOptions } from '@menagerie/zookeeper-testing';

export const SUPER_PASSWORD = 'admin';
/** `super:admin`, hashed the way digest ids are. */
const SUPER_DIGEST = 'super:xQJmxLMiHGwaqBvst5y6rkB6HQs=';

/** Short, so that sessions can expire while a claim waits. */
export const TICK_MS = 200;
export const SESSION_TIMEOUT_MIN_MS = 400;
export const SESSION_TIMEOUT_MAX_MS = 30_000;

/** Connections from one address where the operator has set a limit. */
export const MAX_CLIENT_CONNECTIONS = 12;

/** A suite's data is thrown away: nothing is gained by waiting for the disk. */
const hasty = { forceSync: 'no', preAllocSize: '1024', initLimit: '100', syncLimit: '50' };

/** Everything switched on that a claim may ask for. */
const generous = {
  tickTimeMs: TICK_MS,
  config: {
    ...hasty,
    minSessionTimeout: String(SESSION_TIMEOUT_MIN_MS),
    maxSessionTimeout: String(SESSION_TIMEOUT_MAX_MS),
    extendedTypesEnabled: 'true',
    enforceQuota: 'true',
    reconfigEnabled: 'true',
    'DigestAuthenticationProvider.superDigest': SUPER_DIGEST,
  },
  systemProperties: {
    'znode.container.checkIntervalMs': '200',
    'znode.container.maxPerMinute': '60000',
  },
} as const;

/** A server whose operator has switched nothing on. */
const plain = {
  tickTimeMs: TICK_MS,
  config: { ...hasty, maxClientCnxns: String(MAX_CLIENT_CONNECTIONS), '4lw.commands.whitelist': 'srvr' },
} as const;

/** Sessions that only their own server knows; with `upgrading` they become global when they need to. */
const local = (upgrading: boolean) => ({
  ...generous,
  config: {
    ...generous.config,
    localSessionsEnabled: 'true',
    localSessionsUpgradingEnabled: String(upgrading),
  },
  systemProperties: { ...generous.systemProperties, 'readonlymode.enabled': 'true' },
});

export const topologies = {
  standalone: { servers: 1, ...generous },
  follower: { servers: 3, ...generous },
  leader: { servers: 3, ...generous },
  plain: { servers: 1, ...plain },
  local: { servers: 3, ...local(true) },
  localOnly: { servers: 3, ...local(false) },
  /** The same ensemble once two of its servers are killed: what comes after it in this list finds no quorum. */
  readOnly: { servers: 3, ...local(false) },
} as const satisfies Readonly<Record<string, TestEnsembleOptions>>;

export type TopologyName = keyof typeof topologies;

/** Topologies that are only different doors to the same ensemble, and can share one. */
export const sameEnsemble: Readonly<Record<TopologyName, string>> = {
  standalone: 'standalone',
  follower: 'three',
  leader: 'three',
  plain: 'plain',
  local: 'local',
  localOnly: 'lost',
  readOnly: 'lost',
};

/** Made before the quorum is lost, for what is read without one. */
export const READ_ONLY_ROOT = '/before';
