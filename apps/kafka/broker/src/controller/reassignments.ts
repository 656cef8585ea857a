/** Moving partitions to other brokers, one step at a time, each of which a next controller can go on from (KIP-455). */
import {
  beginReassignment,
  cancelReassignment,
  canComplete,
  completeReassignment,
  finishReassignment,
  isReassigning,
  isSameAssignment,
  partitionStatePath,
  type PartitionInfo,
  renewEpoch,
  type TopicPartition,
} from '@menagerie/kafka-core';
import { ErrorCode } from '@menagerie/kafka-protocol';

import type { ControllerTerm } from './controller-term.js';

export interface ReassignmentOrder extends TopicPartition {
  /** Null takes a reassignment back. */
  readonly replicas: readonly number[] | null;
}

export class Reassignments {
  /** Whose state we watch for the ISR to grow. */
  private readonly watched = new Set<PartitionInfo>();

  constructor(private readonly term: ControllerTerm) {}

  get active(): readonly PartitionInfo[] {
    return [...this.term.context.partitions()].filter(({ assignment }) => isReassigning(assignment));
  }

  /** Goes on with what an earlier controller has begun. */
  async resume(): Promise<void> {
    for (const info of this.active) await this.advance(info);
  }

  /** @returns the error for that partition */
  async order({ topic, partition, replicas }: ReassignmentOrder): Promise<ErrorCode> {
    const { context, fenced, channels } = this.term;
    const info = context.partition({ topic, partition });
    if (info === undefined || context.deleting.has(topic)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    if (replicas === null) return this.cancel(info);
    const invalid =
      replicas.length === 0 || new Set(replicas).size < replicas.length || !replicas.every((id) => context.isLive(id));
    if (invalid) return ErrorCode.INVALID_REPLICA_ASSIGNMENT;
    if (isSameAssignment(info.assignment, replicas)) return ErrorCode.NONE;
    const before = info.assignment;
    info.assignment = beginReassignment(before, replicas);
    await fenced.setAssignment(topic, context.topics.get(topic)!.values());
    // Those that an earlier order was about to add and this one does not want.
    const dropped = before.replicas.filter((id) => !info.assignment.replicas.includes(id));
    for (const id of dropped) channels.stopReplicas(id, [info], true);
    await this.renew(info);
    await this.advance(info);
    return ErrorCode.NONE;
  }

  private async cancel(info: PartitionInfo): Promise<ErrorCode> {
    if (!isReassigning(info.assignment)) return ErrorCode.NO_REASSIGNMENT_IN_PROGRESS;
    const { adding } = info.assignment;
    const { leaderIsr } = info;
    const { context, fenced, channels } = this.term;
    const origin = cancelReassignment(info.assignment);
    if (leaderIsr !== null && !origin.replicas.some((id) => leaderIsr.isr.includes(id) && context.isLive(id))) {
      return ErrorCode.INVALID_REPLICA_ASSIGNMENT;
    }
    info.assignment = origin;
    const change = finishReassignment(context, info);
    if (change !== null) await fenced.writeLeaders([change]);
    await fenced.setAssignment(info.topic, context.topics.get(info.topic)!.values());
    for (const id of adding) channels.stopReplicas(id, [info], true);
    channels.leaderAndIsr([info], {});
    channels.updateMetadata([info]);
    return ErrorCode.NONE;
  }

  /** Everybody, the new replicas included, learns of the present replicas by a newer epoch. */
  private async renew(info: PartitionInfo): Promise<void> {
    const { context, fenced, channels } = this.term;
    for (let change = renewEpoch(context, info); change !== null; change = renewEpoch(context, info)) {
      const made = await fenced.writeLeaders([change]);
      if (made.length > 0) break;
    }
    const { adding } = info.assignment;
    channels.leaderAndIsr([info], { isNew: (_, id) => adding.includes(id) });
    channels.updateMetadata([info]);
  }

  /** Finishes if all new replicas have caught up, else waits for the ISR to change. */
  private async advance(info: PartitionInfo): Promise<void> {
    const { context, fenced, channels } = this.term;
    if (!isReassigning(info.assignment) || context.partition(info) !== info) return;
    await this.watchState(info);
    const stored = await fenced.reread(info);
    if (stored === null || !canComplete(info.assignment, stored.isr)) return;
    const change = finishReassignment(context, info);
    if (change === null) return;
    const { removing } = info.assignment;
    if ((await fenced.writeLeaders([change])).length === 0) return this.advance(info);
    info.assignment = completeReassignment(info.assignment);
    channels.leaderAndIsr([info], {});
    for (const id of removing) channels.stopReplicas(id, [info], true);
    await fenced.setAssignment(info.topic, context.topics.get(info.topic)!.values());
    channels.updateMetadata([info]);
    this.term.logger.info(
      { topic: info.topic, partition: info.partition, replicas: info.assignment.replicas },
      'reassignment done',
    );
  }

  private async watchState(info: PartitionInfo): Promise<void> {
    if (this.watched.has(info)) return;
    this.watched.add(info);
    const again = () => {
      this.watched.delete(info);
      this.term.events.add(`reassign ${info.topic}-${info.partition}`, () => this.advance(info));
    };
    const path = partitionStatePath(info.topic, info.partition);
    await this.term.fenced.zk.client.exists(path, {
      watch: ({ type }) => {
        if (type !== 'session-lost') again();
      },
    });
  }
}
