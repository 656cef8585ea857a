/** Keys that Apache reads from zoo.cfg itself; all others are system properties to it. Source: QuorumPeerConfig.java. */
const OF_FILE: ReadonlySet<string> = new Set([
  'autopurge.purgeInterval',
  'autopurge.snapRetainCount',
  'clientPort',
  'clientPortAddress',
  'clientPortListenBacklog',
  'connectToLearnerMasterLimit',
  'dataDir',
  'dataLogDir',
  'dynamicConfigFile',
  'electionAlg',
  'initLimit',
  'localSessionsEnabled',
  'localSessionsUpgradingEnabled',
  'maxClientCnxns',
  'maxSessionTimeout',
  'minSessionTimeout',
  'multiAddress.enabled',
  'multiAddress.reachabilityCheckEnabled',
  'multiAddress.reachabilityCheckTimeoutMs',
  'observerMasterPort',
  'oraclePath',
  'peerType',
  'portUnification',
  'quorumListenOnAllIPs',
  'reconfigEnabled',
  'secureClientPort',
  'secureClientPortAddress',
  'sslQuorum',
  'sslQuorumReloadCertFiles',
  'standaloneEnabled',
  'syncEnabled',
  'syncLimit',
  'tickTime',
]);

const OF_FILE_BY_PREFIX = ['server.', 'group', 'weight', 'metricsProvider.', 'quorum.', 'jvm.pause.'];

export function isOfFile(key: string): boolean {
  return OF_FILE.has(key) || OF_FILE_BY_PREFIX.some((prefix) => key.startsWith(prefix));
}
