/** What the processes of log collection share inside Nest. */
export { LogsModule } from './logs.module.js';
export { ZooKeeperLink, type ZooKeeperLinkConfig } from './zookeeper-link.js';
