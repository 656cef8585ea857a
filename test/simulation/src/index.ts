export type { Core, CoreOptions, MakeCore } from './core.js';
export { FailedLife, live, type LifeOptions, type LifeResult } from './life.js';
export { Violation } from './recorder.js';
