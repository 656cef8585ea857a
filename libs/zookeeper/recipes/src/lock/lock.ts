/**
 * An exclusive lock, fair, with a fencing token.
 * Source: "Locks" of the ZooKeeper recipes; Curator's InterProcessMutex for the edge cases.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { Acl } from '@menagerie/zookeeper-protocol';
import { contend } from '../support/contention.js';
import type { Grant, NodeGrant } from '../support/grant.js';
import { contendersInOrder } from '../support/sequence.js';
import { isOfKind } from '../support/names.js';
import type { WaitOptions } from '../support/waiting.js';
import { decideLock, decideLockAsHerd, LOCK_KIND } from './lock-decision.js';

export interface LockOptions {
  /** Who we are, for people who look at the line. */
  readonly identity?: string;
  readonly acl?: readonly Acl[];
  /** Everybody waits for everybody (see `decideLockAsHerd`). Only for comparison. */
  readonly herd?: boolean;
  /** Told of each notification that arrives while waiting. */
  readonly onNotified?: () => void;
  /** Told each time a look ended in waiting, and how many names it saw. */
  readonly onWaiting?: (seen: number) => void;
}

/**
 * Each `acquire` stands in line for itself: two tasks of one process contend like two processes, and there is no
 * re-entrance by accident.
 *
 * Suspended: a holder keeps the lock and a waiter its place, both unsure. Lost: the grant's signal fires, a waiter
 * begins again at the end of the line.
 */
export class Lock {
  constructor(
    private readonly client: ZooKeeperClient,
    /** The directory of the line; made when it is missing. */
    readonly path: string,
    private readonly options: LockOptions = {},
  ) {}

  /** @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT`; nothing is left behind. */
  acquire(wait: WaitOptions = {}): Promise<NodeGrant> {
    const { identity = '', acl, herd, onNotified, onWaiting } = this.options;
    const contention = {
      directory: this.path,
      kind: LOCK_KIND,
      data: identity,
      decide: herd ? decideLockAsHerd : decideLock,
      watchDirectory: herd ?? false,
      ...(acl ? { acl } : {}),
      ...(onNotified ? { onNotified } : {}),
      ...(onWaiting ? { onWaiting } : {}),
    };
    return contend(this.client, contention, wait);
  }

  /**
   * Runs `work` while holding the lock; `work` gets the grant and should stop when its signal fires. Whether the lock was
   * held to the end is not told here: what is guarded has the token for that.
   */
  async with<T>(work: (grant: Grant) => Promise<T>, wait: WaitOptions = {}): Promise<T> {
    const grant = await this.acquire(wait);
    try {
      return await work(grant);
    } finally {
      await grant.giveBack();
    }
  }

  /** Node names in line, the holder first. */
  async line(): Promise<readonly string[]> {
    const { children } = await this.client.getChildren(this.path);
    return contendersInOrder(children, (name) => isOfKind(name, LOCK_KIND)).map((one) => one.name);
  }
}
