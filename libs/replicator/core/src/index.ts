/** Who copies, from where, and what stops a copy, as pure functions. */
export * from './errors.js';
export { checkName, isName, parseTaskKey, replicatorPaths, taskKey, type TaskRef } from './layout/paths.js';
export * from './layout/payloads.js';
export type * from './layout/views.js';
export * from './position/gtid.js';
export { formatFence, mayWrite, parseFence } from './position/fence.js';
export { decideStart, Phase, type PositionRow, type Start } from './position/start.js';
export { haltAtMs, type SuspendCause } from './election/deadline.js';
export { place, type Placement, sequenceOf } from './election/placement.js';
export {
  FRESH_HOT,
  type HotEffect,
  type HotInput,
  type HotPhase,
  type HotSettings,
  type HotState,
  type HotStep,
  stepHot,
} from './election/hot-machine.js';
export {
  type ColdEffect,
  type ColdInput,
  type ColdPhase,
  type ColdState,
  type ColdStep,
  FRESH_COLD,
  stepCold,
} from './election/cold-machine.js';
export { classify, type DdlVerb, type Statement, type TableName } from './ddl/classify.js';
export { type BinlogStatement, decideStatement, type StatementDecision } from './ddl/decide-statement.js';
export * from './schema/table.js';
