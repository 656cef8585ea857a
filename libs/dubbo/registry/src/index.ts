/** Dubbo's registry on ZooKeeper. */
export { RETRY_MS } from './failback.js';
export { DubboRegistry, type DubboRegistryOptions } from './registry.js';
export type { NotifyListener, Subscription } from './subscription.js';
export type { FollowedRule, RuleListener } from './followed-rule.js';
