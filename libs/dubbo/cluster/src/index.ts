/** Which provider a call goes to, and what happens when it fails. Pure. */
export type { Balancer, Choice } from './balance/balancer.js';
export { balancer, BALANCERS, type BalancerName } from './balance/index.js';
export { configure, inOrder, isDisabled, mergeUrl } from './configure/configure.js';
export { configuratorRules } from './configure/configurator-rules.js';
export { Directory, type DirectoryChange, type DirectoryOptions, type DirectoryRules } from './directory/directory.js';
export { MethodStatus } from './provider/method-status.js';
export { Provider } from './provider/provider.js';
export { DEFAULT_WARMUP_MS, DEFAULT_WEIGHT, warmupWeight, weightOf } from './provider/weight.js';
export { parseCondition, type ConditionRule } from './route/condition.js';
export type { RoutedCall } from './route/route.js';
export { conditionRules, routeOf, tagRule, type Route, type TagRoute } from './route/rules.js';
export type { Strategy, Tries } from './strategy/cluster.js';
export { FAILBACK_TRIES, STRATEGIES, strategy, type StrategyName } from './strategy/strategies.js';
