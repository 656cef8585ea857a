/** The APIs of idempotent and transactional producers. */
import { GROUP_TOPIC, type TopicPartition } from '@menagerie/kafka-core';
import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  buildTxnMarker,
  endTxnApi,
  ErrorCode,
  initProducerIdApi,
  splitBatches,
  type TxnMarker,
  txnOffsetCommitApi,
  writeTxnMarkersApi,
} from '@menagerie/kafka-protocol';

import type { BrokerParts } from '../broker-parts.js';
import type { GroupCoordinator } from '../group/group-coordinator.js';
import type { ReplicaManager } from '../replica/replica-manager.js';
import type { LocalMarkers } from '../transaction/marker-sender.js';
import { errorCodeOf } from './errors.js';
import type { Router } from './router.js';

const MARKER_MS = 5_000;

/** Writes markers into partitions led from here, and lets the groups know whose offsets they decide about. */
export function localMarkers(
  replicas: () => ReplicaManager,
  groups: () => GroupCoordinator,
  logger: BrokerParts['logger'],
): LocalMarkers {
  const write = async (at: TopicPartition, marker: TxnMarker): Promise<ErrorCode> => {
    try {
      const partition = replicas().leader(at);
      partition.log.producers.checkMarker(marker.producerId, marker.producerEpoch, marker.coordinatorEpoch);
      const bytes = buildTxnMarker(marker, Date.now());
      const { lastOffset } = partition.append(bytes, -1, Date.now(), 'coordinator');
      const errorCode = await partition.committed(lastOffset + 1, MARKER_MS);
      if (errorCode === ErrorCode.NONE && at.topic === GROUP_TOPIC) {
        groups().shard(at.partition).shard?.markerWritten(splitBatches(bytes)[0]!);
      }
      return errorCode;
    } catch (error) {
      return errorCodeOf(error, logger);
    }
  };
  return (partitions, marker) => Promise.all(partitions.map((each) => write(each, marker)));
}

export function routeTransactions(router: Router, parts: BrokerParts, write: LocalMarkers): void {
  const { transactions, groups, cache, logger } = parts;

  router.on(initProducerIdApi, async ({ transactionalId, transactionTimeoutMs }) => {
    try {
      return { throttleTimeMs: 0, ...(await transactions.initProducer(transactionalId, transactionTimeoutMs)) };
    } catch (error) {
      return { throttleTimeMs: 0, errorCode: errorCodeOf(error, logger), producerId: -1, producerEpoch: -1 };
    }
  });

  router.on(addPartitionsToTxnApi, async ({ transactionalId, producerId, producerEpoch, topics }) => {
    const all = topics.flatMap(({ name, partitions }) => partitions.map((partition) => ({ topic: name, partition })));
    const unknown = new Set(all.filter((each) => cache.partition(each) === undefined));
    // All or nothing: a transaction is not half prepared (KafkaApis.handleAddPartitionToTxnRequest).
    const errorCode =
      unknown.size > 0
        ? ErrorCode.OPERATION_NOT_ATTEMPTED
        : await transactions.addPartitions(transactionalId, producerId, producerEpoch, all);
    const isUnknown = (topic: string, partition: number) =>
      [...unknown].some((each) => each.topic === topic && each.partition === partition);
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((partitionIndex) => ({
          partitionIndex,
          errorCode: isUnknown(name, partitionIndex) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : errorCode,
        })),
      })),
    };
  });

  router.on(addOffsetsToTxnApi, async ({ transactionalId, producerId, producerEpoch, groupId }) => {
    const at = { topic: GROUP_TOPIC, partition: groups.partitionOf(groupId) };
    const errorCode = await transactions.addPartitions(transactionalId, producerId, producerEpoch, [at]);
    return { throttleTimeMs: 0, errorCode };
  });

  router.on(endTxnApi, async ({ transactionalId, producerId, producerEpoch, committed }) => ({
    throttleTimeMs: 0,
    errorCode: await transactions.end(transactionalId, producerId, producerEpoch, committed),
  }));

  router.on(txnOffsetCommitApi, async ({ groupId, producerId, producerEpoch, topics }) => {
    const nowMs = Date.now();
    const offsets = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
        topic: name,
        partition: partitionIndex,
        committed: {
          offset: committedOffset,
          leaderEpoch: committedLeaderEpoch,
          metadata: committedMetadata ?? '',
          commitTimestampMs: nowMs,
        },
      })),
    );
    const errorCode = await groups.commitInTransaction(groupId, { producerId, producerEpoch }, offsets);
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
      })),
    };
  });

  router.on(writeTxnMarkersApi, async ({ markers }) => ({
    markers: await Promise.all(
      markers.map(async ({ producerId, producerEpoch, committed, coordinatorEpoch, topics }) => {
        const marker = { producerId, producerEpoch, committed, coordinatorEpoch };
        const written = topics.map(async ({ name, partitionIndexes }) => {
          const codes = await write(
            partitionIndexes.map((partition) => ({ topic: name, partition })),
            marker,
          );
          const partitions = partitionIndexes.map((partitionIndex, index) => ({
            partitionIndex,
            errorCode: codes[index] ?? ErrorCode.UNKNOWN_SERVER_ERROR,
          }));
          return { name, partitions };
        });
        return { producerId, topics: await Promise.all(written) };
      }),
    ),
  }));
}
