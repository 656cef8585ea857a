export {
  type ClientOptions,
  type ClusterOptions,
  SimulatedCluster,
  withSimulatedCluster,
} from './clients/simulated-cluster.js';
export { Random } from './engine/random.js';
export { Violation } from './engine/violation.js';
export { FailedLife, live, type LifeOptions, type LifeResult } from './life.js';
export { hostOf } from './network/network.js';
export { type SimulatedServer } from './server/simulated-server.js';
