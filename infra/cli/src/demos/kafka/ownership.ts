/** What a member of a group owns, and in which generation: told by its own events. */
import type { Consumer, Kafka } from 'kafkajs';

export interface Owned {
  readonly generation: number;
  readonly partitions: readonly number[];
}

/** Fetches are short: between two of them a member hears that the group rebalances. */
export const joinGroup = (client: Kafka, groupId: string, sessionTimeout: number): Consumer =>
  client.consumer({
    groupId,
    sessionTimeout,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 200,
    maxWaitTimeInMs: 200,
  });

/** The assignment comes with the join, its generation with the first heartbeat after it. */
export function followOwnership(consumer: Consumer, onOwned: (owned: Owned) => void): void {
  let partitions: readonly number[] | null = null;
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    partitions = Object.values(payload.memberAssignment).flat();
  });
  consumer.on(consumer.events.HEARTBEAT, ({ payload }) => {
    if (partitions === null) return;
    onOwned({ generation: payload.groupGenerationId, partitions });
    partitions = null;
  });
}
