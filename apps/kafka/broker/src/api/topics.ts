/** CreateTopics, DeleteTopics, CreatePartitions: only at the controller, and answered when the cluster has followed. */
import {
  createPartitionsApi,
  createTopicsApi,
  deleteTopicsApi,
  ErrorCode,
  KafkaAnswerError,
} from '@menagerie/kafka-protocol';

import type { BrokerParts } from '../broker-parts.js';
import { errorCodeOf, errorMessageOf } from './errors.js';
import type { Router } from './router.js';

const MAX_WAIT_MS = 60_000;

export function routeTopics(router: Router, parts: BrokerParts): void {
  const { cache, topicAdmin, zk, logger, controller } = parts;
  const waitMs = (timeoutMs: number) => Math.min(Math.max(0, timeoutMs), MAX_WAIT_MS);
  const requireController = () => void controller.term;
  const isLed = (topic: string, count: number) => {
    const partitions = [...(cache.partitions(topic)?.values() ?? [])];
    return partitions.length >= count && partitions.every(({ leader }) => leader >= 0);
  };

  router.on(createTopicsApi, async ({ topics, timeoutMs, validateOnly }) => {
    const names = topics.map(({ name }) => name);
    const create = async (topic: (typeof topics)[number]): Promise<void> => {
      requireController();
      const { name, numPartitions, replicationFactor, assignments, configs } = topic;
      if (names.filter((each) => each === name).length > 1) {
        throw new KafkaAnswerError(ErrorCode.INVALID_REQUEST, `topic ${name} is there more than once`);
      }
      const given = assignments.length > 0;
      if (given && (numPartitions !== -1 || replicationFactor !== -1)) {
        throw new KafkaAnswerError(ErrorCode.INVALID_REQUEST, 'expected either numbers or assignments, got both');
      }
      const nothing = configs.find(({ value }) => value === null);
      if (nothing !== undefined) {
        throw new KafkaAnswerError(ErrorCode.INVALID_CONFIG, `expected a value for ${nothing.name}, got null`);
      }
      const placed = new Map(assignments.map(({ partitionIndex, brokerIds }) => [partitionIndex, brokerIds]));
      await topicAdmin.create(
        {
          name,
          partitions: numPartitions,
          replicationFactor,
          ...(given ? { assignments: placed } : {}),
          configs: Object.fromEntries(configs.map((each) => [each.name, each.value ?? ''])),
        },
        validateOnly,
      );
      if (validateOnly || timeoutMs <= 0) return;
      const count = given ? assignments.length : Math.max(1, numPartitions);
      if (!(await cache.until(() => isLed(name, count), waitMs(timeoutMs)))) {
        throw new KafkaAnswerError(ErrorCode.REQUEST_TIMED_OUT);
      }
    };
    return {
      throttleTimeMs: 0,
      topics: await Promise.all(topics.map(async (topic) => ({ name: topic.name, ...(await outcome(create(topic))) }))),
    };
  });

  router.on(deleteTopicsApi, async ({ topicNames, timeoutMs }) => {
    const remove = async (name: string): Promise<void> => {
      requireController();
      if (!parts.config.settings['delete.topic.enable']) throw new KafkaAnswerError(ErrorCode.TOPIC_DELETION_DISABLED);
      if (!(await zk.topics()).includes(name)) throw new KafkaAnswerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      await zk.markForDeletion(name);
      if (timeoutMs <= 0) return;
      if (!(await cache.until(() => cache.partitions(name) === undefined, waitMs(timeoutMs)))) {
        throw new KafkaAnswerError(ErrorCode.REQUEST_TIMED_OUT);
      }
    };
    return {
      throttleTimeMs: 0,
      responses: await Promise.all(
        topicNames.map(async (name) => ({ name, errorCode: (await outcome(remove(name))).errorCode })),
      ),
    };
  });

  router.on(createPartitionsApi, async ({ topics, timeoutMs, validateOnly }) => {
    const enlarge = async ({ name, count, assignments }: (typeof topics)[number]): Promise<void> => {
      requireController();
      const given = assignments?.map(({ brokerIds }) => brokerIds) ?? null;
      await topicAdmin.enlarge(name, count, given, validateOnly);
      if (!validateOnly) await cache.until(() => isLed(name, count), waitMs(timeoutMs));
    };
    return {
      throttleTimeMs: 0,
      results: await Promise.all(
        topics.map(async (topic) => ({ name: topic.name, ...(await outcome(enlarge(topic))) })),
      ),
    };
  });

  async function outcome(done: Promise<void>): Promise<{ errorCode: ErrorCode; errorMessage: string | null }> {
    try {
      await done;
      return { errorCode: ErrorCode.NONE, errorMessage: null };
    } catch (error) {
      return { errorCode: errorCodeOf(error, logger), errorMessage: errorMessageOf(error) };
    }
  }
}
