/**
 * Messages that become visible at a stated time. Source: Curator's DistributedDelayQueue (the time stands in the name).
 * Whose clock: the consumer's. One that is fast delivers early by as much; nothing is delivered twice for that.
 */
import type { NodeData, ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import type { WaitOptions } from '../support/waiting.js';
import { ClaimQueue, type QueueOptions, type WorkItem } from './claim-queue.js';
import { decideDelay, dueKind } from './queue-decision.js';

export class DelayQueue {
  private readonly queue: ClaimQueue;

  constructor(
    client: ZooKeeperClient,
    readonly path: string,
    options: QueueOptions = {},
  ) {
    this.queue = new ClaimQueue(client, path, decideDelay, options);
  }

  /** @throws RecipeError `RECIPE_MISUSED` for no valid date from 1970 on, `RECIPE_LIMIT` when the queue is full. */
  async put(data: NodeData, dueAt: Date, wait: WaitOptions = {}): Promise<void> {
    const dueAtMs = dueAt.getTime();
    if (!(dueAtMs >= 0)) {
      throw new RecipeError('RECIPE_MISUSED', `expected a date from 1970 on, got ${String(dueAt)}`, false);
    }
    await this.queue.put(dueKind(dueAtMs), data, wait);
  }

  /** Waits until an item is due and free. @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` */
  take(wait: WaitOptions = {}): Promise<WorkItem> {
    return this.queue.take(wait);
  }

  size(): Promise<number> {
    return this.queue.size();
  }
}
