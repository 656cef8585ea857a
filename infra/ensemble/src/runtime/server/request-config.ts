/** What of the configuration the request server takes. */
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { RequestServerConfig } from '../../core/server/index.js';
import type { SaslLogins, ServerConfig } from '../config/index.js';

const NONCE_BYTES = 30;

export function requestConfig(config: ServerConfig): Partial<RequestServerConfig> {
  const { clientPort, auth } = config;
  return {
    tickTimeMs: config.timing.tickTimeMs,
    minSessionTimeoutMs: clientPort.minSessionTimeoutMs,
    maxSessionTimeoutMs: clientPort.maxSessionTimeoutMs,
    globalOutstandingLimit: clientPort.globalOutstandingLimit,
    connectionThrottle: clientPort.connectionThrottle,
    leaderServes: config.leaderServes,
    sessionlessTimeoutMs: clientPort.sessionlessTimeoutMs,
    maxBufferBytes: clientPort.maxBufferBytes,
    extendedTypes: config.extendedTypesEnabled,
    skipAcl: config.skipAcl,
    superDigest: auth.superDigest,
    digestAlgorithm: auth.digestAlgorithm,
    digestEnabled: auth.digestEnabled,
    x509: auth.x509,
    saslAcls: auth.saslAcls,
    sasl: auth.saslLogins && saslConfig(auth.saslLogins),
    enforcedSchemes: auth.enforcedSchemes,
    enforceQuota: config.enforceQuota,
    localSessions: config.localSessionsEnabled,
    localSessionsUpgrading: config.localSessionsUpgradingEnabled,
    reconfigEnabled: config.reconfigEnabled,
    standaloneEnabled: config.standaloneEnabled,
    audit: config.auditEnabled ? { serverUser: userInfo().username } : null,
    reaper: {
      checkIntervalMs: config.containerCheckIntervalMs,
      maxPerMinute: config.containerMaxPerMinute,
      maxNeverUsedIntervalMs: config.containerMaxNeverUsedIntervalMs,
    },
  };
}

function saslConfig({ passwords, superUsers, allowFailedClients }: SaslLogins): RequestServerConfig['sasl'] {
  return {
    passwordOf: (user) => passwords.get(user) ?? null,
    newNonce: () => randomBytes(NONCE_BYTES).toString('base64'),
    superUsers,
    allowFailedClients,
  };
}
