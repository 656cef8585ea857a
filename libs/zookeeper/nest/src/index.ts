import 'reflect-metadata';

export { ZOOKEEPER_CLIENT } from './constants.js';
export {
  ConfigValue,
  OncePerCluster,
  OnLeader,
  Register,
  type ConfigValueOptions,
  type OncePerClusterOptions,
  type OnLeaderOptions,
  type RegisterOptions,
} from './decorators.js';
export { zooCfgOf, type Member, type MemberOptions } from './ensemble/member-options.js';
export { ZooKeeperModuleError, type ZooKeeperModuleErrorCode } from './errors.js';
export { ZooKeeperExplorer } from './explorer/explorer.js';
export { HOST_PROCESS, type HostProcess, type ZooKeeperHealth } from './host-process.js';
export { ZooKeeperHealthIndicator } from './health/zookeeper.health.js';
export { resolveOptions, type ZooKeeperModuleAsyncOptions, type ZooKeeperModuleOptions } from './options.js';
export { ZooKeeperRecipes } from './recipes.service.js';
export { ZooKeeperModule } from './zookeeper.module.js';
export type { Leadership, Tick } from '@menagerie/zookeeper-recipes';
