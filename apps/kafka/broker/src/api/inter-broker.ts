/** What the controller says to this broker, and what brokers ask of the controller. */
import {
  controlledShutdownApi,
  ErrorCode,
  KafkaAnswerError,
  leaderAndIsrApi,
  type RequestOf,
  stopReplicaApi,
  updateMetadataApi,
} from '@menagerie/kafka-protocol';

import type { BrokerParts } from '../broker-parts.js';
import { forEachBounded } from '../zookeeper/limits.js';
import { errorCodeOf } from './errors.js';
import type { Router } from './router.js';

interface FromController {
  readonly controllerEpoch: number;
  readonly brokerEpoch: number;
}

export function routeInterBroker(router: Router, parts: BrokerParts): void {
  /** @throws KafkaAnswerError from a controller that was deposed, or for the broker that we were before a restart (KIP-380) */
  const check = ({ controllerEpoch, brokerEpoch }: FromController) => {
    if (brokerEpoch !== -1 && brokerEpoch < Number(parts.brokerEpoch())) {
      throw new KafkaAnswerError(ErrorCode.STALE_BROKER_EPOCH);
    }
    parts.replicas.checkController(controllerEpoch);
  };
  /**
   * Until we are registered nobody can tell which life a controller means. It holds the channel of our last one for one to us,
   * and would tell us of the few partitions that have just changed as if we knew the others; and a client that is told of
   * some partitions of a topic takes them for all: kafkajs drops what belongs to the rest, and calls it sent.
   */
  const admitted = async (request: FromController) => {
    await parts.registered();
    check(request);
  };
  const refusal = (error: unknown) => ({ errorCode: errorCodeOf(error, parts.logger), partitionErrors: [] });

  /** A topic's configs are written before the topic and told to nobody: whoever gets a part of it reads them (LogManager). */
  const readConfigs = (topics: RequestOf<typeof leaderAndIsrApi>['topics']) =>
    forEachBounded(topics, async ({ name, partitions }) => {
      const isFirst = partitions.some(
        ({ partitionIndex, isNew }) =>
          isNew || parts.replicas.get({ topic: name, partition: partitionIndex }) === undefined,
      );
      if (isFirst) parts.topicConfigs.set(name, await parts.zk.config('topics', name));
    });

  router.on(leaderAndIsrApi, async (request) => {
    try {
      await admitted(request);
      await readConfigs(request.topics);
      // Another controller may have come while we read.
      check(request);
      return parts.replicas.becomeLeaderOrFollower(request);
    } catch (error) {
      return refusal(error);
    }
  });
  router.on(stopReplicaApi, async (request) => {
    try {
      await admitted(request);
      return parts.replicas.stopReplicas(request);
    } catch (error) {
      return refusal(error);
    }
  });
  router.on(updateMetadataApi, async (request) => {
    try {
      await admitted(request);
      parts.cache.update(request);
      return { errorCode: ErrorCode.NONE };
    } catch (error) {
      return { errorCode: errorCodeOf(error, parts.logger) };
    }
  });
  router.on(controlledShutdownApi, async ({ brokerId, brokerEpoch }) => {
    try {
      const { term } = parts.controller;
      const live = term.context.live.get(brokerId);
      if (live === undefined || (brokerEpoch !== -1 && brokerEpoch < Number(live.epoch))) {
        throw new KafkaAnswerError(ErrorCode.STALE_BROKER_EPOCH);
      }
      const remaining = await term.controlledShutdown(brokerId);
      return {
        errorCode: ErrorCode.NONE,
        remainingPartitions: remaining.map(({ topic, partition }) => ({ topicName: topic, partitionIndex: partition })),
      };
    } catch (error) {
      return { errorCode: errorCodeOf(error, parts.logger), remainingPartitions: [] };
    }
  });
}
