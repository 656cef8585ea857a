/** Deleting topics: only when every replica can do it, and the znodes only when every replica has (TopicDeletionManager). */
import { configPath, deleteTopicPath, topicPath } from '@menagerie/kafka-core';
import { ErrorCode } from '@menagerie/kafka-protocol';

import type { ControllerTerm } from './controller-term.js';

export class TopicDeletions {
  /** Told to delete; with the brokers that have not yet said that they did. */
  private readonly underWay = new Map<string, Set<number>>();

  constructor(private readonly term: ControllerTerm) {}

  /** Takes the markers in, and begins what can begin. What must wait is tried again when a broker comes. */
  async resume(marked: readonly string[]): Promise<void> {
    const { context, fenced } = this.term;
    for (const topic of marked) {
      if (!context.topics.has(topic)) await fenced.delete(deleteTopicPath(topic));
      else context.deleting.add(topic);
    }
    for (const topic of context.deleting) this.begin(topic);
  }

  private begin(topic: string): void {
    const { context, channels, logger } = this.term;
    if (this.underWay.has(topic)) return;
    const infos = [...(context.topics.get(topic)?.values() ?? [])];
    const holders = new Set(infos.flatMap(({ assignment }) => assignment.replicas));
    if (![...holders].every(context.isLive)) {
      logger.info({ topic }, 'deletion waits for a broker that is away');
      return;
    }
    this.underWay.set(topic, holders);
    // Clients first: nobody is to be sent to a replica that is about to go.
    channels.updateMetadata(infos);
    for (const id of holders) {
      const its = infos.filter(({ assignment }) => assignment.replicas.includes(id));
      channels.stopReplicas(id, its, false);
      channels.stopReplicas(id, its, true, ({ errorCode, partitionErrors }) => {
        const failed =
          errorCode !== ErrorCode.NONE || partitionErrors.some((each) => each.errorCode !== ErrorCode.NONE);
        this.term.events.add(`deleted ${topic} on ${id}`, () => this.answered(topic, id, failed));
      });
    }
    if (holders.size === 0) this.term.events.add(`deleted ${topic}`, () => this.finish(topic));
  }

  /** A broker died before it could answer: begin again when it is back. */
  brokerDied(id: number): void {
    for (const [topic, left] of this.underWay) if (left.has(id)) this.underWay.delete(topic);
  }

  private async answered(topic: string, id: number, failed: boolean): Promise<void> {
    const left = this.underWay.get(topic);
    if (left === undefined) return;
    if (failed) {
      this.term.logger.error({ topic, brokerId: id }, 'a replica could not be deleted');
      return void this.underWay.delete(topic);
    }
    left.delete(id);
    if (left.size === 0) await this.finish(topic);
  }

  private async finish(topic: string): Promise<void> {
    const { context, fenced, logger } = this.term;
    const { zk } = fenced;
    for (const partition of await zk.children(`${topicPath(topic)}/partitions`)) {
      await fenced.delete(`${topicPath(topic)}/partitions/${partition}/state`);
      await fenced.delete(`${topicPath(topic)}/partitions/${partition}`);
    }
    await fenced.delete(`${topicPath(topic)}/partitions`);
    await fenced.delete(topicPath(topic));
    await fenced.delete(configPath('topics', topic));
    // The marker last: until it is gone a next controller goes on here.
    await fenced.delete(deleteTopicPath(topic));
    this.underWay.delete(topic);
    context.deleting.delete(topic);
    context.topics.delete(topic);
    logger.info({ topic }, 'topic deleted');
  }
}
