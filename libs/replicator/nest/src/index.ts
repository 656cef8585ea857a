/** What the processes of the replicator share inside Nest. */
export { accessOf, type Access } from './access.js';
export { makeTask } from './make-task.js';
export { type ReplicatorConfig, replicatorEnv, replicatorSettings, replicatorVariables } from './replicator-config.js';
export { replicatorModule } from './replicator.module.js';
