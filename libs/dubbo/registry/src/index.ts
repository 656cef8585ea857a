/** Dubbo's registry on ZooKeeper. */
export { RETRY_MS } from './failback.js';
export type { DubboRegistryOptions } from './options.js';
export { DubboRegistry } from './registry.js';
export type { NotifyListener, Subscription } from './subscription.js';
export type { FollowedRule, RuleListener } from './followed-rule.js';
