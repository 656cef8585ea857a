export * from './api.js';
export type * from './driver.js';
export { digestId } from './digest-id.js';
export * from './errors.js';
export {
  CREATOR_ALL_ACL,
  CreateMode,
  EventType,
  OPEN_ACL,
  Perms,
  READ_ACL,
  type Acl,
  type Id,
  type Stat,
} from '@menagerie/zookeeper-protocol';
export type * from './security.js';
export type * from './tracing.js';
export { Retry, withRetry, type RetryOptions, type RetryPolicy, type RetryState } from './retry.js';
export { protocolDriver } from './drivers/protocol/index.js';
export { ZooKeeper } from './zookeeper.js';
