/**
 * A locking queue: first in, first out, each item locked by whoever works on it, delivered at least once.
 * Source: kazoo's LockingQueue; Curator's DistributedQueue with a lock path. What they share: `claim-queue.ts`.
 */
import type { NodeData, ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { WaitOptions } from '../support/waiting.js';
import { ClaimQueue, type QueueOptions, type WorkItem } from './claim-queue.js';
import { decideFifo, ITEM_KIND } from './queue-decision.js';

export class WorkQueue {
  private readonly queue: ClaimQueue;

  constructor(
    client: ZooKeeperClient,
    readonly path: string,
    options: QueueOptions = {},
  ) {
    this.queue = new ClaimQueue(client, path, decideFifo, options);
  }

  /** Puts one message at the end. @throws RecipeError `RECIPE_LIMIT` when the queue is full. */
  put(data: NodeData, wait: WaitOptions = {}): Promise<void> {
    return this.queue.put(ITEM_KIND, data, wait);
  }

  /** Waits for the oldest message that nobody works on. @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` */
  take(wait: WaitOptions = {}): Promise<WorkItem> {
    return this.queue.take(wait);
  }

  size(): Promise<number> {
    return this.queue.size();
  }
}
