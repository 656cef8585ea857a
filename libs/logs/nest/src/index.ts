/** What the processes of log collection share inside Nest. */
export { checked } from './checked.js';
export { LogsErrorFilter } from './logs-error.filter.js';
export { LogsModule } from './logs.module.js';
export { ZooKeeperLink, type ZooKeeperLinkConfig } from './zookeeper-link.js';
