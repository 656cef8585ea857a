/** A ZooKeeper server to embed: `startServer(loadZooCfg('zoo.cfg'))`. */
export { loadZooCfg, parseZooCfg } from './runtime/config/index.js';
export type * from './runtime/config/index.js';
export { EnsembleError, type EnsembleErrorCode } from './core/errors.js';
export {
  ConfigError,
  DamagedDataError,
  DirectoryError,
  HaltedError,
  PortError,
  StorageFailedError,
  UsersMistake,
} from './runtime/errors.js';
export { createLog, LogFormat, silentLog, type LogLevel } from './runtime/log/pino-log.js';
export { startServer, ZkServer, type StartOptions } from './runtime/server/index.js';
export { ExitCode, main as runCommandLine, type CliIo } from './runtime/cli/main.js';
/** The seams of the core, for who puts another world around it. */
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
export { type OpenedStorage, Storage, type StorageOptions } from './runtime/storage/storage.js';
