export * from './core/contract/index.js';
export { createDatabase, type DatabaseOptions, type ReplicatedDatabase } from './core/database/index.js';
export { createPeer, DEFAULT_PEER_TIMING, type PeerOptions, type PeerTiming } from './core/peer/index.js';
export * from './core/quorum/index.js';
export {
  type ClientRequestServer,
  createRequestServer,
  type RequestServerConfig,
  type RequestServerOptions,
} from './core/server/index.js';
