/** ElectLeaders and the reassignment of partitions: orders to the controller. */
import {
  alterPartitionReassignmentsApi,
  electLeadersApi,
  ErrorCode,
  listPartitionReassignmentsApi,
} from '@menagerie/kafka-protocol';
import type { PartitionInfo } from '@menagerie/kafka-core';

import type { BrokerParts } from '../broker-parts.js';
import { errorCodeOf, errorMessageOf } from './errors.js';
import type { Router } from './router.js';

const UNCLEAN = 1;

export function routePartitions(router: Router, parts: BrokerParts): void {
  router.on(electLeadersApi, async ({ electionType, topicPartitions }) => {
    const none = { throttleTimeMs: 0, topics: [] };
    try {
      const { term } = parts.controller;
      const asked =
        topicPartitions?.flatMap(({ name, partitions }) =>
          partitions.map((partition) => ({ topic: name, partition })),
        ) ?? [...term.context.partitions()].map(({ topic, partition }) => ({ topic, partition }));
      const before = new Map(asked.map((each) => [each, term.context.partition(each)?.leaderIsr?.leader]));
      const led = new Set(await term.electOnRequest(asked, electionType === UNCLEAN));
      const results = asked.map((each) => {
        const info = term.context.partition(each);
        const unavailable =
          electionType === UNCLEAN
            ? ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE
            : ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE;
        if (info === undefined) return { ...each, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
        if (!led.has(info)) return { ...each, errorCode: unavailable };
        const same = info.leaderIsr?.leader === before.get(each);
        return { ...each, errorCode: same ? ErrorCode.ELECTION_NOT_NEEDED : ErrorCode.NONE };
      });
      const shown =
        topicPartitions === null
          ? results.filter(({ errorCode }) => errorCode !== ErrorCode.ELECTION_NOT_NEEDED)
          : results;
      return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, topics: byTopic(shown, withMessage) };
    } catch (error) {
      return { ...none, errorCode: errorCodeOf(error, parts.logger) };
    }
  });

  router.on(alterPartitionReassignmentsApi, async ({ topics }) => {
    try {
      const { term } = parts.controller;
      const orders = topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, replicas }) => ({ topic: name, partition: partitionIndex, replicas })),
      );
      const results = await term.events.call('reassign', async () => {
        const done: { topic: string; partition: number; errorCode: ErrorCode }[] = [];
        for (const order of orders) done.push({ ...order, errorCode: await term.reassignments.order(order) });
        return done;
      });
      const answer = { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null };
      return { ...answer, topics: byTopic(results, withMessage) };
    } catch (error) {
      const errorCode = errorCodeOf(error, parts.logger);
      return { throttleTimeMs: 0, errorCode, errorMessage: errorMessageOf(error), topics: [] };
    }
  });

  router.on(listPartitionReassignmentsApi, ({ topics }) => {
    try {
      const wanted = (info: PartitionInfo) =>
        topics === null ||
        topics.some(({ name, partitionIndexes }) => name === info.topic && partitionIndexes.includes(info.partition));
      const active = parts.controller.term.reassignments.active.filter(wanted);
      const answer = { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null };
      return {
        ...answer,
        topics: byTopic(active, ({ partition, assignment }) => ({
          partitionIndex: partition,
          replicas: assignment.replicas,
          addingReplicas: assignment.adding,
          removingReplicas: assignment.removing,
        })),
      };
    } catch (error) {
      const errorCode = errorCodeOf(error, parts.logger);
      return { throttleTimeMs: 0, errorCode, errorMessage: errorMessageOf(error), topics: [] };
    }
  });
}

const withMessage = ({ partition, errorCode }: { readonly partition: number; readonly errorCode: ErrorCode }) => ({
  partitionIndex: partition,
  errorCode,
  errorMessage: null,
});

function byTopic<T extends { readonly topic: string }, R>(
  these: readonly T[],
  of: (each: T) => R,
): { readonly name: string; readonly partitions: readonly R[] }[] {
  const topics = new Map<string, R[]>();
  for (const each of these) topics.set(each.topic, [...(topics.get(each.topic) ?? []), of(each)]);
  return [...topics].map(([name, partitions]) => ({ name, partitions }));
}
