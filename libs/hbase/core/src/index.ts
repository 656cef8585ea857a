/** HBase's coordination as pure decisions. */
export * from './errors.js';
export { type HBasePaths, hbasePaths } from './layout/paths.js';
export * from './layout/payload.js';
export { addressOf, formatServer, parseServer, type ServerName } from './layout/server-name.js';
export * from './liveness/server-manager.js';
export { SPLIT_LOG_SETTINGS, type SplitLogSettings } from './split-log/settings.js';
export { type ManagerEffect, type ManagerInput, SplitLogManager } from './split-log/split-log-manager.js';
export { SplitLogWorker, type WorkerEffect, type WorkerInput } from './split-log/split-log-worker.js';
