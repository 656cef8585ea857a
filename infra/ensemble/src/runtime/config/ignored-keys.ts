/**
 * Keys of Apache's that say how its threads, caches, Java machine or TLS providers behave. They are known, so nobody is
 * warned of a typing mistake, and they mean nothing to a server of another make.
 */
const IGNORED_KEYS: ReadonlySet<string> = new Set([
  'admin.httpVersion',
  'bitHashCacheSize',
  'clientTcpKeepAlive',
  'closeSessionTxn.enabled',
  'electionAlg',
  'electionPortBindRetry',
  'flushDelay',
  'intBufferStartingSizeBytes',
  'learner.asyncSending',
  'leader.closeSocketAsync',
  'learner.closeSocketAsync',
  'maxBatchSize',
  'maxGetChildrenResponseCacheSize',
  'maxInProcessingDeadWatchers',
  'maxResponseCacheSize',
  'maxWriteQueuePollTime',
  'multiAddress.reachabilityCheckEnabled',
  'multiAddress.reachabilityCheckTimeoutMs',
  'quorum.cnxn.threads.size',
  'request_throttle_drop_stale',
  'request_throttle_stall_time',
  'request_throttler.shutdownTimeout',
  'requestStaleConnectionCheck',
  'requestStaleLatencyCheck',
  'throttledOpWaitTime',
  'serverCnxnFactory',
  'snapshot.compression.method',
  'tcpKeepAlive',
  'watchManagerName',
  'watcherCleanIntervalInSeconds',
  'watcherCleanThreadsNum',
  'watcherCleanThreshold',
]);

const IGNORED_PREFIXES = ['commitProcessor.', 'jvm.pause.', 'messageTracker.', 'netty.', 'nio.', 'pathStats.'];

export function isIgnoredKey(key: string): boolean {
  return IGNORED_KEYS.has(key) || IGNORED_PREFIXES.some((prefix) => key.startsWith(prefix));
}
