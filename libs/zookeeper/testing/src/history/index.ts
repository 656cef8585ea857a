export { History, type HistoryOptions, type Pending } from './history.js';
export { linearize, type Model, type Operation, type Verdict } from './linearizable.js';
export type { Call, CallKind, Outcome, Report } from './types.js';
export { versionedRegister, type RegisterInput, type RegisterOutput } from './versioned-register.js';
