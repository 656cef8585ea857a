export { Barrier, type BarrierOptions } from './barrier/barrier.js';
export { DoubleBarrier } from './barrier/double-barrier.js';
export type { CacheOptions } from './cache/cache.js';
export { ChildrenCache } from './cache/children-cache.js';
export { NodeCache } from './cache/node-cache.js';
export { TreeCache, type TreeCacheOptions } from './cache/tree-cache.js';
export type { CachedNode, CacheEvent } from './cache/tree-diff.js';
export { ConfigStore, type ConfigEntry, type FollowOptions } from './config/config-store.js';
export { AtomicCounter, type CounterValue } from './counter/atomic-counter.js';
export { IdBlocks, type IdBlocksOptions } from './counter/id-blocks.js';
export { ClusterCron, type ClusterCronOptions } from './cron/cluster-cron.js';
export { OncePerTick, type OncePerTickOptions, type Tick } from './cron/once-per-tick.js';
export { every, fromCroner, fromCronTime, type CronerLike, type CronTimeLike, type Schedule } from './cron/schedule.js';
export { decodeInstance, encodeInstance, type ServiceInstance } from './discovery/instance.js';
export {
  ServiceDiscovery,
  ServiceProvider,
  type ProviderOptions,
  type Registration,
} from './discovery/service-discovery.js';
export { randomly, roundRobin, sticky, weighted, type Strategy } from './discovery/strategy.js';
export { isRecipeError, RecipeError, type RecipeErrorCode } from './errors.js';
export { Gate } from './gate/gate.js';
export {
  LeaderLatch,
  type LeaderChange,
  type LeaderLatchOptions,
  type Leadership,
} from './leader-latch/leader-latch.js';
export { runOnLeader, type LeaderRun } from './leader-latch/run-on-leader.js';
export { LeaderSelector, type LeaderSelectorOptions } from './leader-selector/leader-selector.js';
export { ExclusiveLock, type ExclusiveLockOptions } from './lock/exclusive-lock.js';
export { decideLock, decideLockAsHerd } from './lock/lock-decision.js';
export { Lock, type LockOptions } from './lock/lock.js';
export { MultiLock, type MultiGrant } from './lock/multi-lock.js';
export { RevocableLock, type RevocableGrant } from './lock/revocable-lock.js';
export { MasterElection, type Mastership, type SharedResult } from './master-election/master-election.js';
export { Group, type GroupOptions } from './membership/group.js';
export { PersistentNode, type PersistentNodeOptions } from './membership/persistent-node.js';
export { SequentialNames } from './naming/sequential-names.js';
export type { QueueOptions, WorkItem } from './queue/claim-queue.js';
export { DelayQueue } from './queue/delay-queue.js';
export { PriorityQueue } from './queue/priority-queue.js';
export { decideTurn, ProcessQueue } from './queue/process-queue.js';
export { WorkQueue } from './queue/work-queue.js';
export { decideReadWriteLock, decideReadWriteLockAsHerd } from './read-write-lock/read-write-lock-decision.js';
export { ReadWriteLock, type ReadWriteLockOptions } from './read-write-lock/read-write-lock.js';
export { Semaphore } from './semaphore/semaphore.js';
export { SharedCounter, SharedValue, type Codec, type Versioned } from './shared/shared-value.js';
export type { Grant } from './support/grant.js';
export { compareSequences, sequenceOf } from './support/sequence.js';
export type { WaitOptions } from './support/waiting.js';
