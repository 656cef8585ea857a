/** All partitions on this broker, and what the controller says about them (ReplicaManager.scala). */
import {
  ErrorCode,
  KafkaAnswerError,
  type leaderAndIsrApi,
  type RequestOf,
  type stopReplicaApi,
} from '@menagerie/kafka-protocol';
import type { TopicPartition } from '@menagerie/kafka-core';
import type { LogDirectory } from '@menagerie/kafka-log';
import type { Logger } from '@menagerie/service';

import type { BrokerConfig } from '../config/broker-config.js';
import type { TopicConfigs } from '../config/topic-configs.js';
import { FollowerFetcher } from './follower-fetcher.js';
import type { IsrStore } from './isr-store.js';
import { Partition } from './partition.js';

export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ReplicaManagerOptions {
  readonly brokerId: number;
  readonly config: BrokerConfig;
  readonly logs: LogDirectory;
  readonly topicConfigs: TopicConfigs;
  readonly isrStore: IsrStore;
  readonly logger: Logger;
  /** Whether the cluster has the partition, here or elsewhere. */
  readonly isKnown: (topicPartition: TopicPartition) => boolean;
  /** Told of partitions of which we became leader, or stopped to be. */
  readonly onRoleChange: (partition: Partition, leads: boolean) => void;
}

type LeaderAndIsr = RequestOf<typeof leaderAndIsrApi>;
type StopReplica = RequestOf<typeof stopReplicaApi>;

export interface PartitionErrors {
  readonly errorCode: ErrorCode;
  readonly partitionErrors: readonly {
    readonly topicName: string;
    readonly partitionIndex: number;
    readonly errorCode: ErrorCode;
  }[];
}

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`;

export class ReplicaManager {
  private readonly partitions = new Map<string, Partition>();
  private readonly fetchers = new Map<number, FollowerFetcher>();
  private readonly fetcherOf = new Map<string, FollowerFetcher>();
  /** Of the last controller that was heard. Invariant: never falls. */
  private controllerEpoch = 0;
  private readonly timers: NodeJS.Timeout[];

  constructor(private readonly options: ReplicaManagerOptions) {
    const { settings } = options.config;
    const maxLagMs = settings['replica.lag.time.max.ms'];
    this.timers = [
      setInterval(() => this.shrinkIsrs(maxLagMs), maxLagMs / 2),
      setInterval(() => this.checkpoint(), settings['replica.high.watermark.checkpoint.interval.ms']),
    ];
  }

  get all(): readonly Partition[] {
    return [...this.partitions.values()];
  }

  get(topicPartition: TopicPartition): Partition | undefined {
    return this.partitions.get(keyOf(topicPartition));
  }

  /** @throws KafkaAnswerError when it is not here, or not led from here */
  leader(topicPartition: TopicPartition, epoch = -1): Partition {
    const partition = this.get(topicPartition);
    if (partition === undefined) {
      // Elsewhere, as far as we have heard: the client is to look again who leads.
      const elsewhere = this.options.isKnown(topicPartition);
      throw new KafkaAnswerError(elsewhere ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
    partition.requireLeader(epoch);
    return partition;
  }

  /** @throws KafkaAnswerError `STALE_CONTROLLER_EPOCH` from a controller that was deposed */
  checkController(epoch: number): void {
    if (epoch < this.controllerEpoch) throw new KafkaAnswerError(ErrorCode.STALE_CONTROLLER_EPOCH);
    this.controllerEpoch = epoch;
  }

  becomeLeaderOrFollower(request: LeaderAndIsr): PartitionErrors {
    const addresses = new Map(request.liveLeaders.map(({ brokerId, host, port }) => [brokerId, { host, port }]));
    const partitionErrors: { topicName: string; partitionIndex: number; errorCode: ErrorCode }[] = [];
    for (const { name, partitions } of request.topics) {
      for (const role of partitions) {
        const topicPartition = { topic: name, partition: role.partitionIndex };
        let errorCode: ErrorCode = ErrorCode.NONE;
        try {
          this.takeRole(topicPartition, role, addresses);
        } catch (error) {
          this.options.logger.error({ ...topicPartition, err: error }, 'cannot take a role');
          errorCode = ErrorCode.KAFKA_STORAGE_ERROR;
        }
        partitionErrors.push({ topicName: name, partitionIndex: role.partitionIndex, errorCode });
      }
    }
    return { errorCode: ErrorCode.NONE, partitionErrors };
  }

  private takeRole(
    topicPartition: TopicPartition,
    role: LeaderAndIsr['topics'][number]['partitions'][number],
    addresses: ReadonlyMap<number, PeerAddress>,
  ): void {
    const partition = this.getOrCreate(topicPartition);
    // Only what is newer counts: a request may be repeated, or overtaken.
    if (role.leaderEpoch <= partition.leaderEpoch) return;
    this.stopFetching(partition);
    const wasLeader = partition.isLeader;
    const { brokerId, onRoleChange } = this.options;
    if (role.leader === brokerId) {
      partition.becomeLeader(role, performance.now());
      onRoleChange(partition, true);
      return;
    }
    partition.becomeFollower(role);
    if (wasLeader) onRoleChange(partition, false);
    const address = addresses.get(role.leader);
    if (address !== undefined) this.startFetching(partition, role.leader, address);
  }

  private getOrCreate(topicPartition: TopicPartition): Partition {
    const key = keyOf(topicPartition);
    let partition = this.partitions.get(key);
    if (partition === undefined) {
      const { logs, topicConfigs, brokerId, isrStore, logger } = this.options;
      const log = logs.getOrCreate(topicPartition, topicConfigs.logConfig(topicPartition.topic));
      const minInsyncReplicas = () => topicConfigs.minInsyncReplicas(topicPartition.topic);
      partition = new Partition(topicPartition, log, { brokerId, isrStore, logger, minInsyncReplicas });
      this.partitions.set(key, partition);
    }
    return partition;
  }

  private startFetching(partition: Partition, leaderId: number, { host, port }: PeerAddress): void {
    const { brokerId, config, logger } = this.options;
    const { settings } = config;
    let fetcher = this.fetchers.get(leaderId);
    if (fetcher === undefined || !fetcher.isAt(host, port)) {
      // The leader came back elsewhere: whoever still follows it there will be told by LeaderAndIsr as well.
      void fetcher?.close();
      fetcher = new FollowerFetcher({
        brokerId,
        leaderId,
        host,
        port,
        maxWaitMs: settings['replica.fetch.wait.max.ms'],
        minBytes: settings['replica.fetch.min.bytes'],
        maxBytes: settings['replica.fetch.response.max.bytes'],
        partitionMaxBytes: settings['replica.fetch.max.bytes'],
        backoffMs: settings['replica.fetch.backoff.ms'],
        logger,
      });
      this.fetchers.set(leaderId, fetcher);
    }
    fetcher.add(partition);
    this.fetcherOf.set(keyOf(partition.topicPartition), fetcher);
  }

  private stopFetching(partition: Partition): void {
    const key = keyOf(partition.topicPartition);
    this.fetcherOf.get(key)?.remove(partition);
    this.fetcherOf.delete(key);
    for (const [id, fetcher] of this.fetchers) {
      if (fetcher.partitions > 0) continue;
      this.fetchers.delete(id);
      void fetcher.close();
    }
  }

  stopReplicas({ topics, deletePartitions }: StopReplica): PartitionErrors {
    const partitionErrors: { topicName: string; partitionIndex: number; errorCode: ErrorCode }[] = [];
    for (const { name, partitionIndexes } of topics) {
      for (const partitionIndex of partitionIndexes) {
        let errorCode: ErrorCode = ErrorCode.NONE;
        try {
          this.stopReplica({ topic: name, partition: partitionIndex }, deletePartitions);
        } catch (error) {
          this.options.logger.error({ topic: name, partition: partitionIndex, err: error }, 'cannot delete a replica');
          errorCode = ErrorCode.KAFKA_STORAGE_ERROR;
        }
        partitionErrors.push({ topicName: name, partitionIndex, errorCode });
      }
    }
    return { errorCode: ErrorCode.NONE, partitionErrors };
  }

  private stopReplica(topicPartition: TopicPartition, remove: boolean): void {
    const partition = this.get(topicPartition);
    if (partition !== undefined) {
      const wasLeader = partition.isLeader;
      this.stopFetching(partition);
      partition.stop();
      if (wasLeader) this.options.onRoleChange(partition, false);
    }
    if (!remove) return;
    this.partitions.delete(keyOf(topicPartition));
    this.options.logs.delete(topicPartition);
  }

  /** A topic's configs have changed, or the broker's, which hold for all topics. */
  reconfigure(topic?: string): void {
    for (const { topicPartition, log } of this.partitions.values()) {
      if (topic === undefined || topicPartition.topic === topic) {
        log.configure(this.options.topicConfigs.logConfig(topicPartition.topic));
      }
    }
  }

  private shrinkIsrs(maxLagMs: number): void {
    const nowMs = performance.now();
    for (const partition of this.partitions.values()) partition.maybeShrinkIsr(nowMs, maxLagMs);
  }

  private checkpoint(): void {
    try {
      this.options.logs.checkpointHighWatermarks();
      this.options.logs.checkpointRecoveryPoints();
    } catch (error) {
      this.options.logger.error({ err: error }, 'no checkpoint');
    }
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all([...this.fetchers.values()].map((fetcher) => fetcher.close()));
    for (const partition of this.partitions.values()) partition.stop();
  }
}
