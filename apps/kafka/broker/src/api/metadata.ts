/** Metadata: which brokers there are, on the client's own listener, and who leads what. */
import { checkTopicName, isInternal } from '@menagerie/kafka-core';
import {
  ErrorCode,
  KafkaAnswerError,
  metadataApi,
  NO_AUTHORIZED_OPERATIONS,
  type ResponseOf,
} from '@menagerie/kafka-protocol';

import type { BrokerParts } from '../broker-parts.js';
import { errorCodeOf } from './errors.js';
import type { Router } from './router.js';

type TopicAnswer = ResponseOf<typeof metadataApi>['topics'][number];

export function routeMetadata(router: Router, parts: BrokerParts): void {
  router.on(metadataApi, async (request, { header, connection }) => {
    // In the first version no topics at all means all of them.
    const all = request.topics === null || (header.apiVersion === 0 && request.topics.length === 0);
    const names = all ? parts.cache.topics : (request.topics ?? []).map(({ name }) => name);
    const topics: TopicAnswer[] = [];
    for (const name of new Set(names)) {
      const known = describe(parts, name, connection.listener);
      topics.push(known ?? (await missing(parts, name, !all && request.allowAutoTopicCreation)));
    }
    const brokers = parts.cache.brokers.flatMap(({ id, rack, endpoints }) => {
      const endpoint = endpoints.find(({ listener }) => listener === connection.listener);
      return endpoint === undefined ? [] : [{ nodeId: id, host: endpoint.host, port: endpoint.port, rack }];
    });
    return {
      throttleTimeMs: 0,
      brokers,
      clusterId: parts.clusterId,
      controllerId: parts.controller.controllerId,
      topics,
      clusterAuthorizedOperations: NO_AUTHORIZED_OPERATIONS,
    };
  });
}

function describe(parts: BrokerParts, name: string, listener: string): TopicAnswer | null {
  const partitions = parts.cache.partitions(name);
  if (partitions === undefined) return null;
  const isReachable = (id: number) =>
    parts.cache.broker(id)?.endpoints.some((endpoint) => endpoint.listener === listener) === true;
  return {
    ...empty(name, ErrorCode.NONE),
    partitions: [...partitions.values()]
      .sort((a, b) => a.partitionIndex - b.partitionIndex)
      .map(({ partitionIndex, leader, leaderEpoch, replicas, isr, offlineReplicas }) => {
        const available = leader >= 0 && isReachable(leader);
        return {
          errorCode: available ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE,
          partitionIndex,
          leaderId: available ? leader : -1,
          leaderEpoch,
          replicaNodes: replicas,
          isrNodes: isr,
          offlineReplicas,
        };
      }),
  };
}

/** Made if that is wanted; the client asks again until there is a leader. */
async function missing(parts: BrokerParts, name: string, mayCreate: boolean): Promise<TopicAnswer> {
  try {
    checkTopicName(name);
    if (!mayCreate || !parts.config.settings['auto.create.topics.enable']) {
      throw new KafkaAnswerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
    await parts.topicAdmin.autoCreate(name);
    return empty(name, ErrorCode.LEADER_NOT_AVAILABLE);
  } catch (error) {
    return empty(name, errorCodeOf(error, parts.logger));
  }
}

const empty = (name: string, errorCode: ErrorCode): TopicAnswer => ({
  errorCode,
  name,
  isInternal: isInternal(name),
  partitions: [],
  authorizedOperations: NO_AUTHORIZED_OPERATIONS,
});
