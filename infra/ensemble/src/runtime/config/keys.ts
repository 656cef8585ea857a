/**
 * Every key of zoo.cfg that Apache 3.8 or 3.9 documents: its default there, and what this server makes of it. What is
 * done about a key follows from here, and so does the table in docs/operations.md.
 * Source: QuorumPeerConfig.java, zookeeperAdmin.md, and the classes that read system properties.
 */

export const KeyFate = {
  supported: 'supported',
  /** About something inside of Apache's server that has no counterpart. Taken without a word. */
  noEffect: 'no effect',
  /** It would do something there and does not here: a line when the server starts. */
  warned: 'warning',
  /** To start without it would make the server less safe, or less than was asked for: it does not start. */
  refused: 'refused',
} as const;
export type KeyFate = (typeof KeyFate)[keyof typeof KeyFate];

export interface KeyRow {
  /** `*` at the end stands for anything, `N` for a number. */
  readonly key: string;
  /** Apache's, as one writes it; empty if there is none. */
  readonly byDefault: string;
  readonly fate: KeyFate;
  readonly note: string;
}

const { supported, noEffect, warned, refused } = KeyFate;

/** `key = default` of Apache's, each a line of its own. */
function rows(fate: KeyFate, lines: readonly (readonly [keyAndDefault: string, note?: string])[]): KeyRow[] {
  return lines.map(([line, note = '']) => {
    const [key, byDefault = ''] = line.split('=', 2).map((part) => part.trim());
    return { key: key!, byDefault, fate, note };
  });
}

/** The keys in `ssl.` and again in `ssl.quorum.`. */
const tls = (lines: Parameters<typeof rows>[1]): Parameters<typeof rows>[1] =>
  ['ssl.', 'ssl.quorum.'].flatMap((prefix) => lines.map(([line, note]) => [prefix + line, note ?? ''] as const));

const DATA = [
  ...rows(supported, [
    ['dataDir'],
    ['dataLogDir', 'default: dataDir'],
    ['snapCount = 100000'],
    ['snapSizeLimitInKb = 4194304'],
    ['preAllocSize = 65536'],
    ['txnLogSizeLimitInKb = -1'],
    ['forceSync = yes'],
    ['fsync.warningthresholdms = 1000'],
    ['snapshotSizeFactor = 0.33'],
    ['snapshot.trust.empty = false'],
    ['db.autocreate = true'],
    ['datadir.autocreate = true'],
    ['commitLogCount = 500'],
    ['autopurge.snapRetainCount = 3'],
    ['autopurge.purgeInterval = 0'],
    ['digest.enabled = true', 'a difference that is proved stops the server'],
    ['jute.maxbuffer = 1048575'],
  ]),
  ...rows(noEffect, [
    ['jute.maxbuffer.extrasize', 'always jute.maxbuffer'],
    ['snapshot.compression.method', 'written plain; gzip is read, snappy is not'],
    ['serializeLastProcessedZxid.enabled = true', 'snapshots are written as 3.8 writes them, and both are read'],
    ['closeSessionTxn.enabled = true', 'always'],
    ['flushDelay = 0', 'one fdatasync covers all that came in during the last'],
    ['maxBatchSize = 1000'],
    ['maxWriteQueuePollTime'],
  ]),
];

const TIMES = [
  ...rows(supported, [
    ['tickTime = 3000'],
    ['initLimit'],
    ['syncLimit'],
    ['connectToLearnerMasterLimit', 'default: initLimit'],
    ['minSessionTimeout', 'default: 2 ticks'],
    ['maxSessionTimeout', 'default: 20 ticks'],
    ['cnxTimeout = 5000'],
    ['fastleader.minNotificationInterval = 200'],
    ['fastleader.maxNotificationInterval = 60000'],
    ['leader.maxTimeToWaitForEpoch = -1'],
    ['electionAlg = 3', 'only 3'],
  ]),
  ...rows(noEffect, [
    ['electionPortBindRetry = 3', 'a port that is taken is one line, and no start'],
    ['quorumCnxnTimeoutMs = -1'],
    ['leaderConnectDelayDuringRetryMs = 100'],
    ['observer.reconnectDelayMs = 0'],
    ['observer.election.DelayMs = 200'],
    ['learner.asyncSending = false', 'nothing is sent any other way'],
    ['learner.closeSocketAsync = false'],
    ['leader.closeSocketAsync = false'],
  ]),
];

const CLIENTS = [
  ...rows(supported, [
    ['clientPort'],
    ['clientPortAddress = 0.0.0.0'],
    ['secureClientPort'],
    ['secureClientPortAddress = 0.0.0.0'],
    ['client.portUnification = false'],
    ['clientPortListenBacklog = -1'],
    ['maxClientCnxns = 60'],
    ['maxCnxns = 0'],
    ['nio.sessionlessCnxnTimeout = 10000'],
    ['globalOutstandingLimit = 1000'],
    ['request_throttle_max_requests = 0', 'what is more stays in the sockets'],
    ['connection_throttle_tokens = 0'],
    ['connection_throttle_fill_time = 1'],
    ['connection_throttle_fill_count = 1'],
    ['connection_throttle_freeze_time = -1'],
    ['connection_throttle_drop_increase = 0.02'],
    ['connection_throttle_drop_decrease = 0.002'],
    ['connection_throttle_decrease_ratio = 0'],
    ['connection_throttle_weight_enabled = false'],
    ['connection_throttle_global_session_weight = 3'],
    ['connection_throttle_local_session_weight = 1'],
    ['connection_throttle_renew_session_weight = 2'],
    ['4lw.commands.whitelist = srvr'],
  ]),
  ...rows(noEffect, [
    ['serverCnxnFactory', 'TLS and plain ports need no other class'],
    ['clientTcpKeepAlive = false'],
    ['tcpKeepAlive = false'],
    ['request_throttle_stall_time = 100', 'nothing waits in a queue'],
    ['request_throttle_drop_stale = true'],
    ['request_stale_connection_check = true'],
    ['request_stale_latency_check = false'],
    ['requestStaleConnectionCheck = true'],
    ['requestStaleLatencyCheck = false'],
    ['request_throttler.shutdownTimeout = 10000'],
    ['throttledOpWaitTime = 0'],
    ['throttled_op_wait_time = 0'],
    ['maxResponseCacheSize = 400', 'no cache of answers'],
    ['maxGetChildrenResponseCacheSize = 400'],
    ['intBufferStartingSizeBytes = 1024'],
    ['outstandingHandshake.limit = -1', '256, and one more takes the place of the oldest'],
    ['netty.*'],
    ['nio.*'],
  ]),
  ...rows(warned, [
    ['largeRequestMaxBytes = 104857600', 'jute.maxbuffer and globalOutstandingLimit bound what is in flight'],
    ['largeRequestThreshold = -1'],
  ]),
];

const MEMBERS = [
  ...rows(supported, [
    ['server.N'],
    ['group.N'],
    ['weight.N = 1'],
    ['dynamicConfigFile'],
    ['peerType = participant'],
    ['standaloneEnabled = true'],
    ['reconfigEnabled = false'],
    ['quorumListenOnAllIPs = false'],
    ['observerMasterPort'],
    ['syncEnabled = true'],
    ['leaderServes = yes'],
    ['sslQuorum = false'],
    ['portUnification = false'],
  ]),
  ...rows(noEffect, [
    ['observerMaster.sizeLimit = 33554432', 'always that'],
    ['maxConcurrentSnapSyncs = 10', 'as many as the database can keep apart'],
    ['maxConcurrentDiffSyncs = 100'],
    ['quorum.cnxn.threads.size = 20'],
    ['multiAddress.reachabilityCheckEnabled = true'],
    ['multiAddress.reachabilityCheckTimeoutMs = 1000'],
    ['enableEagerACLCheck = false', 'the leader checks'],
    ['follower.skipLearnerRequestToNextProcessor = false'],
    ['forward_learner_requests_to_commit_processor_disabled = false'],
  ]),
  ...rows(warned, [['sslQuorumReloadCertFiles = false', 'a rolling restart renews certificates']]),
  ...rows(refused, [
    ['multiAddress.enabled = false', 'one address a server'],
    ['oraclePath', 'two servers survive the loss of neither'],
    ['quorum.auth.enableSasl = false', 'TLS between servers (sslQuorum) instead'],
    ['quorum.auth.serverRequireSasl = false'],
    ['quorum.auth.learnerRequireSasl = false'],
  ]),
  ...rows(noEffect, [
    ['quorum.auth.kerberos.servicePrincipal = zkquorum/localhost'],
    ['quorum.auth.learner.saslLoginContext = QuorumLearner'],
    ['quorum.auth.server.saslLoginContext = QuorumServer'],
  ]),
];

const BEHAVIOUR = [
  ...rows(supported, [
    ['localSessionsEnabled = false'],
    ['localSessionsUpgradingEnabled = false'],
    ['readonlymode.enabled = false'],
    ['extendedTypesEnabled = false'],
    ['enforceQuota = false'],
    ['znode.container.checkIntervalMs = 60000'],
    ['znode.container.maxPerMinute = 10000'],
    ['znode.container.maxNeverUsedIntervalMs = 0'],
    ['audit.enable = false', 'into the log, as events named `audit`'],
  ]),
  ...rows(warned, [['emulate353TTLNodes = false', 'TTL nodes of 3.5.3 are not read']]),
  ...rows(refused, [['audit.impl.class', 'Java classes; Slf4jAuditLogger, the default, may be named']]),
  ...rows(noEffect, [
    ['watchManagerName'],
    ['watcherCleanThreadsNum = 2'],
    ['watcherCleanThreshold = 1000'],
    ['watcherCleanIntervalInSeconds = 600'],
    ['maxInProcessingDeadWatchers = -1'],
    ['bitHashCacheSize = 10'],
    ['advancedFlowControlEnabled = false', 'always'],
    ['commitProcessor.*'],
    ['jvm.pause.*'],
    ['messageTracker.*'],
    ['pathStats.*'],
  ]),
];

const IDENTITIES = [
  ...rows(supported, [
    ['skipACL = no'],
    ['DigestAuthenticationProvider.enabled = true'],
    ['DigestAuthenticationProvider.superDigest'],
    ['DigestAuthenticationProvider.digestAlg = SHA1'],
    ['X509AuthenticationProvider.superUser'],
    ['authProvider.*', "Apache's providers for sasl, x509, digest and ip; other classes are refused"],
    ['ssl.authProvider = x509', 'only x509'],
    ['enforce.auth.enabled = false'],
    ['enforce.auth.schemes'],
    ['sessionRequireClientSASLAuth = false'],
    ['allowSaslFailedClients = false'],
    ['sasl.serverconfig = Server'],
    ['superUser'],
    ['superUser.N'],
    ['SASLAuthenticationProvider.superPassword'],
    ['letAnySaslUserDoX'],
    ['java.security.auth.login.config', 'DigestLoginModule only'],
  ]),
  ...rows(warned, [
    ['IPAuthenticationProvider.usexforwardedfor = false', 'what a client says of its address is not believed'],
    ['ensembleAuthName'],
    ['kerberos.*'],
  ]),
];

const TLS = [
  ...rows(
    supported,
    tls([
      ['keyStore.location'],
      ['keyStore.type', 'default: by the name of the file'],
      ['keyStore.password'],
      ['keyStore.passwordPath'],
      ['trustStore.location'],
      ['trustStore.type'],
      ['trustStore.password'],
      ['trustStore.passwordPath'],
      ['protocol = TLSv1.2', 'default: TLSv1.2 and TLSv1.3'],
      ['enabledProtocols'],
      ['ciphersuites'],
      ['clientAuth = need'],
      ['hostnameVerification = true'],
      ['clientHostnameVerification', 'default: false for clients, true for servers'],
      ['handshakeDetectionTimeoutMillis = 5000'],
    ]),
  ),
  ...rows(refused, tls([['crl = false'], ['ocsp = false'], ['context.supplier.class']])),
  ...rows(warned, tls([['allowReverseDnsLookup = false', 'names are as configured']])),
  ...rows(warned, [['client.certReload = false', 'a restart renews certificates']]),
  ...rows(noEffect, [['ssl.sslProvider = JDK']]),
];

const OPERATORS = [
  ...rows(supported, [
    ['admin.enableServer = true', 'default: true if admin.serverPort is set, else false (ZOOKEEPER-5050)'],
    ['admin.serverPort = 8080'],
    ['admin.serverAddress = 0.0.0.0', 'default: 127.0.0.1'],
    ['admin.commandURL = /commands'],
    ['admin.idleTimeout = 30000'],
    ['admin.portUnification = false'],
    ['admin.forceHttps = false'],
    ['admin.needClientAuth = false'],
    ['admin.snapshot.enabled = true'],
    ['admin.restore.enabled = true'],
    ['admin.rateLimiterIntervalInMS = 300000'],
    ['metricsProvider.className', 'PrometheusMetricsProvider, or none'],
    ['metricsProvider.httpHost = 0.0.0.0'],
    ['metricsProvider.httpPort = 7000'],
  ]),
  ...rows(noEffect, [
    ['admin.httpVersion = 11'],
    ['metricsProvider.exportJvmInfo = true'],
    ['metricsProvider.numWorkerThreads = 1'],
    ['metricsProvider.maxQueueSize = 1000000'],
    ['metricsProvider.workerShutdownTimeoutMs = 1000'],
  ]),
];

export const KEY_SUBJECTS: Readonly<Record<string, readonly KeyRow[]>> = {
  'Data and files': DATA,
  Times: TIMES,
  'Clients and limits': CLIENTS,
  Members: MEMBERS,
  Behaviour: BEHAVIOUR,
  'Who a client is': IDENTITIES,
  TLS,
  'For operators': OPERATORS,
};

export const KEY_ROWS: readonly KeyRow[] = Object.values(KEY_SUBJECTS).flat();

const exact = new Map(KEY_ROWS.map((row) => [row.key, row]));
const patterns = KEY_ROWS.filter(({ key }) => /\*$|\.N$/.test(key)).map((row) => ({
  row,
  prefix: row.key.replace(/\*$|N$/, ''),
  isNumbered: row.key.endsWith('N'),
}));

/** The row that a key falls under; undefined for one that nobody documents. An exact row counts before a pattern. */
export function rowOf(key: string): KeyRow | undefined {
  const found = exact.get(key);
  if (found !== undefined) return found;
  return patterns.find(({ prefix, isNumbered }) => {
    if (!key.startsWith(prefix)) return false;
    return !isNumbered || /^\d+$/.test(key.slice(prefix.length));
  })?.row;
}
