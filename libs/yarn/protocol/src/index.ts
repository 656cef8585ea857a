/** What ResourceManager, NodeManager, ApplicationMaster and client say to each other, and what is kept in ZooKeeper. */
export * from './errors.js';
export * from './ids.js';
export * from './paths.js';
export * from './records/application-record.js';
export * from './records/attempt-record.js';
export * from './records/cluster-records.js';
export * from './resources.js';
export * from './rpc/application-master.js';
export * from './rpc/client.js';
export * from './rpc/container.js';
export * from './rpc/container-manager.js';
export * from './rpc/resource-tracker.js';
export * from './states.js';
export * from './tokens.js';
