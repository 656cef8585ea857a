/** Who collects whose logs, as pure functions. */
export * from './errors.js';
export { checkName, isName, logsPaths } from './layout/paths.js';
export * from './layout/payloads.js';
export { allocate } from './allocation/allocate.js';
export {
  type Allocation,
  type AllocationRequest,
  byName,
  countMoves,
  imbalance,
  type WeighedSource,
  weightOf,
} from './allocation/model.js';
export {
  FOLD_ENTRIES,
  fold,
  type HistoryEntry,
  KEPT_ENTRIES,
  listsAt,
  NO_HISTORY,
  readHistoryEntry,
  shortReasons,
} from './history/history.js';
export { judge, type LivenessState, NO_PULSES, Verdict } from './liveness/liveness.js';
export {
  type AllocatorEvent,
  type AllocatorState,
  type AllocatorStep,
  type CollectorPoll,
  FRESH_ALLOCATOR,
  type ListWrite,
  type Poll,
  stepAllocator,
  unevenness,
} from './allocator/allocator-machine.js';
export { type HandoverPlan, type ListState, planHandover } from './allocator/handover.js';
export { type BlockEnd, countLines, type Cut, type CutSettings, cutBlock, looksBinary } from './tail/cut-block.js';
export {
  beginHistory,
  beginOf,
  endOf,
  type History,
  type HistoryEvent,
  isOverwritten,
  locate,
  type Location,
  type Look,
  observe,
  type SeenFile,
  type Segment,
} from './tail/history.js';
export type {
  AllocatorStateView,
  CollectorView,
  DutiesView,
  FeedCost,
  HistoryView,
  ReignView,
  TimedEvent,
} from './allocator/view.js';
