export { DoubleBarrier } from './barrier/double-barrier.js';
export { AtomicCounter, type CounterValue } from './counter/atomic-counter.js';
export { IdBlocks, type IdBlocksOptions } from './counter/id-blocks.js';
export { OncePerTick, type OncePerTickOptions } from './cron/once-per-tick.js';
export { isRecipeError, RecipeError, type RecipeErrorCode } from './errors.js';
export {
  LeaderLatch,
  type LeaderChange,
  type LeaderLatchOptions,
  type Leadership,
} from './leader-latch/leader-latch.js';
export { decideLock, decideLockAsHerd } from './lock/lock-decision.js';
export { Lock, type LockOptions } from './lock/lock.js';
export { decideReadWriteLock, decideReadWriteLockAsHerd } from './read-write-lock/read-write-lock-decision.js';
export { WorkQueue, type WorkItem, type WorkQueueOptions } from './queue/work-queue.js';
export { ReadWriteLock, type ReadWriteLockOptions } from './read-write-lock/read-write-lock.js';
export { Semaphore } from './semaphore/semaphore.js';
export type { Grant } from './support/grant.js';
export { compareSequences, sequenceOf } from './support/sequence.js';
export type { WaitOptions } from './support/waiting.js';
