export type { Verdict } from './administration.js';
export {
  type ConnectionThrottleConfig,
  type ConnectionWeights,
  NO_CONNECTION_THROTTLE,
} from './connection-throttle.js';
export { type RequestServerConfig, requestServerConfig } from './config.js';
export { ClientRequestServer, createRequestServer, type RequestServerOptions } from './request-server.js';
export type { ServerTraffic } from './traffic.js';
export type { ConnectionStats, RequestCounters, ServerStats, WatchSummary } from './stats.js';
