/** Guards of what reads, writes and describes records and topics. */
import {
  createPartitionsApi,
  createTopicsApi,
  deleteRecordsApi,
  deleteTopicsApi,
  ErrorCode,
  fetchApi,
  listOffsetsApi,
  metadataApi,
  NO_AUTHORIZED_OPERATIONS,
  offsetForLeaderEpochApi,
  produceApi,
} from '@menagerie/kafka-protocol';

import { byTopic, closeConnection, type Guards, mayCluster, type May, then } from './guard.js';

const DENIED = ErrorCode.TOPIC_AUTHORIZATION_FAILED;
const NO_ACKS = 0;

const mayCreate = (may: May, name: string) => mayCluster(may, 'Create') || may('Create', 'Topic', name);

/** @param exists whether there is such a topic: asking for one that is not there may make it */
export function guardData(guards: Guards, exists: (topic: string) => boolean): void {
  guards
    .on(produceApi, (request, may, next) => {
      const { transactionalId, topics, acks } = request;
      const mayAtAll = transactionalId === null || may('Write', 'TransactionalId', transactionalId);
      const errorCode = mayAtAll ? DENIED : ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
      const allowed = ({ name }: { readonly name: string }) => mayAtAll && may('Write', 'Topic', name);
      if (acks === NO_ACKS && !topics.every(allowed)) closeConnection('produce without an answer');
      const refuse = ({ name, partitions }: (typeof topics)[number]) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode,
          baseOffset: -1,
          logAppendTimeMs: -1,
          logStartOffset: -1,
          recordErrors: [],
          errorMessage: null,
        })),
      });
      return byTopic(request, allowed, refuse, next);
    })
    .on(fetchApi, (request, may, next) => {
      const isFollower = request.replicaId >= 0;
      const mayFollow = isFollower && mayCluster(may, 'ClusterAction');
      const allowed = ({ name }: { readonly name: string }) => (isFollower ? mayFollow : may('Read', 'Topic', name));
      const refuse = ({ name, partitions }: (typeof request.topics)[number]) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: DENIED,
          highWatermark: -1,
          lastStableOffset: -1,
          logStartOffset: -1,
          abortedTransactions: null,
          preferredReadReplica: -1,
          records: [],
        })),
      });
      // What is refused is refused at once: an answer that is late for want of records would look like an empty topic.
      const hurry = request.topics.every(allowed) ? request : { ...request, maxWaitMs: 0 };
      return byTopic(hurry, allowed, refuse, next);
    })
    .on(listOffsetsApi, (request, may, next) =>
      byTopic(
        request,
        ({ name }) => may('Describe', 'Topic', name),
        ({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({
            partitionIndex,
            errorCode: DENIED,
            oldStyleOffsets: [],
            timestamp: -1,
            offset: -1,
            leaderEpoch: -1,
          })),
        }),
        next,
      ),
    )
    .on(offsetForLeaderEpochApi, (request, may, next) =>
      byTopic(
        request,
        ({ name }) => mayCluster(may, 'ClusterAction') || may('Describe', 'Topic', name),
        ({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({
            partitionIndex,
            errorCode: DENIED,
            leaderEpoch: -1,
            endOffset: -1,
          })),
        }),
        next,
      ),
    )
    .on(deleteRecordsApi, (request, may, next) =>
      byTopic(
        request,
        ({ name }) => may('Delete', 'Topic', name),
        ({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: DENIED, lowWatermark: -1 })),
        }),
        next,
      ),
    )
    .on(metadataApi, (request, may, next) => {
      const visible = (name: string) => may('Describe', 'Topic', name);
      if (request.topics === null || request.topics.length === 0) {
        // Who asks for all is told of those that it may know of, and of no others.
        return then(next(request), (response) => ({
          ...response,
          topics: response.topics.filter(({ name }) => visible(name)),
        }));
      }
      const allowed = ({ name }: { readonly name: string }) =>
        visible(name) && (exists(name) || !request.allowAutoTopicCreation || mayCreate(may, name));
      const refused = request.topics.filter((topic) => !allowed(topic));
      if (refused.length === 0) return next(request);
      const topics = request.topics.filter(allowed);
      // None left must not be taken for all: a list of one that is not there, and its answer thrown away.
      const rest = {
        ...request,
        topics: topics.length > 0 ? topics : [{ name: '?' }],
        allowAutoTopicCreation: topics.length > 0 && request.allowAutoTopicCreation,
      };
      return then(next(rest), (response) => ({
        ...response,
        topics: [
          ...(topics.length > 0 ? response.topics : []),
          ...refused.map(({ name }) => ({
            errorCode: DENIED,
            name,
            isInternal: false,
            partitions: [],
            authorizedOperations: NO_AUTHORIZED_OPERATIONS,
          })),
        ],
      }));
    })
    .on(createTopicsApi, (request, may, next) =>
      byTopic(
        request,
        ({ name }) => mayCreate(may, name),
        ({ name }) => ({ name, errorCode: DENIED, errorMessage: 'Authorization failed.' }),
        next,
      ),
    )
    .on(deleteTopicsApi, (request, may, next) => {
      const refused = request.topicNames.filter((name) => !may('Delete', 'Topic', name));
      const topicNames = request.topicNames.filter((name) => !refused.includes(name));
      return then(next({ ...request, topicNames }), (response) => ({
        ...response,
        responses: [...response.responses, ...refused.map((name) => ({ name, errorCode: DENIED }))],
      }));
    })
    .on(createPartitionsApi, (request, may, next) => {
      const refused = request.topics.filter(({ name }) => !may('Alter', 'Topic', name));
      const topics = request.topics.filter((topic) => !refused.includes(topic));
      return then(next({ ...request, topics }), (response) => ({
        ...response,
        results: [
          ...response.results,
          ...refused.map(({ name }) => ({ name, errorCode: DENIED, errorMessage: 'Authorization failed.' })),
        ],
      }));
    });
}
