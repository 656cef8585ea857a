/** ListOffsets, OffsetForLeaderEpoch, DeleteRecords: questions about a log's offsets. */
import {
  deleteRecordsApi,
  EARLIEST_TIMESTAMP,
  ErrorCode,
  KafkaAnswerError,
  LATEST_TIMESTAMP,
  listOffsetsApi,
  offsetForLeaderEpochApi,
} from '@menagerie/kafka-protocol';

import type { BrokerParts } from '../broker-parts.js';
import { errorCodeOf } from './errors.js';
import type { Router } from './router.js';

const READ_COMMITTED = 1;

export function routeOffsets(router: Router, parts: BrokerParts): void {
  router.on(listOffsetsApi, ({ topics, replicaId, isolationLevel }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, currentLeaderEpoch, timestamp }) => {
        try {
          const { log, leaderEpoch } = parts.replicas.leader(
            { topic: name, partition: partitionIndex },
            currentLeaderEpoch,
          );
          const visible = isolationLevel === READ_COMMITTED ? log.lastStableOffset : log.highWatermark;
          const end = replicaId >= 0 ? log.logEndOffset : visible;
          // The list is what version 0 answers with.
          const at = (offset: number, epoch: number, time = -1) => ({
            partitionIndex,
            errorCode: ErrorCode.NONE,
            oldStyleOffsets: offset < 0 ? [] : [offset],
            timestamp: time,
            offset,
            leaderEpoch: epoch,
          });
          if (timestamp === LATEST_TIMESTAMP) return at(end, leaderEpoch);
          if (timestamp === EARLIEST_TIMESTAMP) return at(log.logStartOffset, leaderEpoch);
          const found = log.offsetForTimestamp(timestamp);
          return found === null || found.offset >= end
            ? at(-1, -1)
            : at(found.offset, found.leaderEpoch, found.timestamp);
        } catch (error) {
          const errorCode = errorCodeOf(error, parts.logger);
          return { partitionIndex, errorCode, oldStyleOffsets: [], timestamp: -1, offset: -1, leaderEpoch: -1 };
        }
      }),
    })),
  }));

  router.on(offsetForLeaderEpochApi, ({ topics }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, currentLeaderEpoch, leaderEpoch }) => {
        try {
          const { log } = parts.replicas.leader({ topic: name, partition: partitionIndex }, currentLeaderEpoch);
          const { epoch, endOffset } = log.endOffsetForEpoch(leaderEpoch);
          return { partitionIndex, errorCode: ErrorCode.NONE, leaderEpoch: epoch, endOffset };
        } catch (error) {
          return { partitionIndex, errorCode: errorCodeOf(error, parts.logger), leaderEpoch: -1, endOffset: -1 };
        }
      }),
    })),
  }));

  router.on(deleteRecordsApi, ({ topics }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, offset }) => {
        try {
          const { log } = parts.replicas.leader({ topic: name, partition: partitionIndex });
          if (!log.config.delete) throw new KafkaAnswerError(ErrorCode.POLICY_VIOLATION);
          const before = offset === -1 ? log.highWatermark : offset;
          if (before < 0 || before > log.highWatermark) throw new KafkaAnswerError(ErrorCode.OFFSET_OUT_OF_RANGE);
          log.advanceLogStart(before);
          return { partitionIndex, errorCode: ErrorCode.NONE, lowWatermark: log.logStartOffset };
        } catch (error) {
          return { partitionIndex, errorCode: errorCodeOf(error, parts.logger), lowWatermark: -1 };
        }
      }),
    })),
  }));
}
