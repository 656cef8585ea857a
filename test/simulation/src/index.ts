export type { Core, CoreOptions, MakeCore } from './core.js';
export { FailedLife, live, type LifeOptions, type LifeResult } from './life.js';
export { makeProductionCore, SIMULATED_TIMING } from './production-core.js';
export { Violation } from './violation.js';
export {
  type ClientOptions,
  type ClusterOptions,
  SimulatedCluster,
  withSimulatedCluster,
} from './clients/simulated-cluster.js';
export { hostOf } from './simulated-server.js';
export { Random } from './random.js';
