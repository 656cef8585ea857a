export { cleanLog, dirtyRatio, type CleaningResult } from './cleaner/cleaner.js';
export { defaultLogConfig, type LogConfig } from './config.js';
export * from './errors.js';
export {
  CLEAN_SHUTDOWN_FILE,
  CLEANER_CHECKPOINT,
  parsePartitionName,
  partitionName,
  type TopicPartition,
} from './file-names.js';
export { LogDirectory, type ConfigOf } from './log-directory.js';
export { readMetaProperties, writeMetaProperties, type MetaProperties } from './meta-properties.js';
export { readOffsets, writeOffsets } from './offset-checkpoint.js';
export { PartitionLog, type AppendResult, type OpenOptions, type ReadOptions } from './partition-log.js';
export type { AppendOrigin } from './append.js';
export type { TimestampOffset } from './segment/segment.js';
export { type EpochEnd, UNDEFINED_EPOCH } from './state/leader-epochs.js';
export type { AbortedTxn } from './state/txn-index.js';
