/**
 * The most urgent message first: the one with the smallest number. A more urgent one that arrives while another is
 * worked on does not interrupt it. Source: Curator's DistributedPriorityQueue (the priority stands in the node's name).
 */
import type { NodeData, ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import type { WaitOptions } from '../support/waiting.js';
import { ClaimQueue, type QueueOptions, type WorkItem } from './claim-queue.js';
import { decidePriority, MAX_PRIORITY, priorityKind } from './queue-decision.js';

export class PriorityQueue {
  private readonly queue: ClaimQueue;

  constructor(
    client: ZooKeeperClient,
    readonly path: string,
    options: QueueOptions = {},
  ) {
    this.queue = new ClaimQueue(client, path, decidePriority, options);
  }

  /**
   * @param priority a whole number from 0; the smaller, the sooner.
   * @throws RecipeError `RECIPE_MISUSED` for another priority, `RECIPE_LIMIT` when the queue is full.
   */
  async put(data: NodeData, priority: number, wait: WaitOptions = {}): Promise<void> {
    if (!Number.isSafeInteger(priority) || priority < 0 || priority > MAX_PRIORITY) {
      const expected = `expected a priority of 0 to ${MAX_PRIORITY}`;
      throw new RecipeError('RECIPE_MISUSED', `${expected}, got ${priority}`, false);
    }
    await this.queue.put(priorityKind(priority), data, wait);
  }

  /** @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` */
  take(wait: WaitOptions = {}): Promise<WorkItem> {
    return this.queue.take(wait);
  }

  size(): Promise<number> {
    return this.queue.size();
  }
}
