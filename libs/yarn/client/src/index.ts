/** Talks to ResourceManagers and NodeManagers, and finds the active one. */
export * from './addresses.js';
export * from './failover.js';
export { type Call, call, type CallOptions } from './http.js';
export * from './master-client.js';
export * from './master-table.js';
export * from './node-client.js';
export * from './rm-proxy.js';
export * from './tracker-client.js';
export * from './yarn-client.js';
