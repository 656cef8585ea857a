/** Region storage in the manner of HBase. */
export {
  assertCell,
  type Cell,
  CellKind,
  compareCells,
  MAX_COLUMN_BYTES,
  MAX_ROW_BYTES,
  MAX_VALUE_BYTES,
  NOTHING,
} from './cell/cell.js';
export * from './errors.js';
export { BlockCache } from './file/block-cache.js';
export {
  RECOVERED_FOLDER,
  Region,
  type RegionLog,
  type RegionOptions,
  type RowMutation,
  type RowResult,
  type Scan,
  type ScanRange,
} from './region/region.js';
export { selectCompaction } from './region/select-compaction.js';
export { decodeLog, type WalDamage, type WalEntry } from './wal/entry.js';
export { fenceWalFolder, removeWalFolder, splitWal, type SplitResult } from './wal/split-wal.js';
export { Wal, type WalOptions } from './wal/wal.js';
