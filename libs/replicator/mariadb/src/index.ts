/** One copy from a MariaDB's tables and binlog into another. */
export { compareTask, type Comparison } from './compare/compare.js';
export { type CopierOptions, type Progress, runCopier } from './copier/copier.js';
export { inspectTask } from './copier/inspect-task.js';
export { keepCopying, type KeepCopyingOptions } from './copier/keep-copying.js';
export { POSITION_TABLE } from './target/position-table.js';
