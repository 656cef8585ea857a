/** Making, enlarging and deleting topics: checks, placement, and the znodes by which the controller learns of it. */
import { randomInt } from 'node:crypto';
import {
  assignmentOf,
  checkTopicConfig,
  checkTopicName,
  type Configs,
  encodeTopic,
  GROUP_TOPIC,
  placeReplicas,
  topicPath,
  TXN_TOPIC,
} from '@menagerie/kafka-core';
import { ErrorCode, KafkaAnswerError } from '@menagerie/kafka-protocol';
import { isNodeExists } from '@menagerie/zookeeper-client';

import type { BrokerConfig } from '../config/broker-config.js';
import type { KafkaZk } from '../zookeeper/kafka-zk.js';
import type { MetadataCache } from './metadata-cache.js';

/** More partitions in one topic than this is a mistake. */
const MAX_PARTITIONS = 10_000;

export interface NewTopic {
  readonly name: string;
  /** -1: the broker's default. */
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Instead of the two above. */
  readonly assignments?: ReadonlyMap<number, readonly number[]>;
  readonly configs: Configs;
}

export class TopicAdmin {
  constructor(
    private readonly zk: KafkaZk,
    private readonly config: BrokerConfig,
    private readonly cache: MetadataCache,
  ) {}

  /** @throws KafkaAnswerError */
  async create(topic: NewTopic, validateOnly = false): Promise<void> {
    checkTopicName(topic.name);
    for (const [name, value] of Object.entries(topic.configs)) checkTopicConfig(name, value);
    const assignments = topic.assignments === undefined ? this.place(topic) : this.checked(topic.assignments);
    const existing = await this.zk.topics();
    if (existing.includes(topic.name)) throw exists(topic.name);
    // Metrics replace dots by underscores: two topics must not become one there (Topic.hasCollision).
    const collision = existing.find((each) => each.replaceAll('.', '_') === topic.name.replaceAll('.', '_'));
    if (collision !== undefined) {
      const message = `topic ${topic.name} collides with ${collision} ("." and "_" are one in metrics)`;
      throw new KafkaAnswerError(ErrorCode.INVALID_TOPIC_EXCEPTION, message);
    }
    if (validateOnly) return;
    const assignment = new Map([...assignments].map(([partition, replicas]) => [partition, assignmentOf(replicas)]));
    try {
      await this.zk.createTopic(topic.name, assignment, topic.configs);
    } catch (error) {
      if (isNodeExists(error)) throw exists(topic.name);
      throw error;
    }
  }

  private checked(assignments: ReadonlyMap<number, readonly number[]>, first = 0) {
    const stranger = [...assignments.values()].flat().find((id) => this.cache.broker(id) === undefined);
    if (stranger !== undefined) {
      throw new KafkaAnswerError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `expected live brokers, got ${stranger}`);
    }
    return checkAssignments(assignments, first);
  }

  private place({ partitions, replicationFactor }: NewTopic): ReadonlyMap<number, readonly number[]> {
    const { settings } = this.config;
    const count = partitions === -1 ? settings['num.partitions'] : partitions;
    if (count > MAX_PARTITIONS) {
      throw new KafkaAnswerError(ErrorCode.INVALID_PARTITIONS, `expected at most ${MAX_PARTITIONS}, got ${count}`);
    }
    return this.placement(count, replicationFactor === -1 ? settings['default.replication.factor'] : replicationFactor);
  }

  private placement(partitions: number, replicationFactor: number, firstPartition = 0, startIndex?: number) {
    const { brokers } = this.cache;
    const chance = () => (brokers.length === 0 ? 0 : randomInt(brokers.length));
    return placeReplicas({
      brokers,
      partitions,
      replicationFactor,
      firstPartition,
      startIndex: startIndex ?? chance(),
      startShift: chance(),
    });
  }

  /** Makes a topic that somebody asked for without making it, or one of the broker's own. @throws KafkaAnswerError */
  async autoCreate(name: string): Promise<void> {
    const { settings } = this.config;
    const internal = {
      [GROUP_TOPIC]: {
        partitions: settings['offsets.topic.num.partitions'],
        replicationFactor: settings['offsets.topic.replication.factor'],
        segmentBytes: settings['offsets.topic.segment.bytes'],
        configs: {},
      },
      [TXN_TOPIC]: {
        partitions: settings['transaction.state.log.num.partitions'],
        replicationFactor: settings['transaction.state.log.replication.factor'],
        segmentBytes: settings['transaction.state.log.segment.bytes'],
        configs: { 'min.insync.replicas': String(settings['transaction.state.log.min.isr']) },
      },
    }[name];
    // A broker that has just started knows of no topics and no brokers until the controller tells it, and clients are there
    // already: what looks like a new topic may be one that it has not heard of yet.
    if ((await this.zk.topic(name)) !== null) return;
    try {
      if (internal === undefined)
        return await this.create({ name, partitions: -1, replicationFactor: -1, configs: {} });
      const configs = {
        'cleanup.policy': 'compact',
        'compression.type': 'producer',
        'segment.bytes': String(internal.segmentBytes),
        ...internal.configs,
      };
      await this.create({ ...internal, name, configs });
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof KafkaAnswerError) || error.errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS) throw error;
    }
  }

  /** @throws KafkaAnswerError */
  async enlarge(
    name: string,
    count: number,
    given: readonly (readonly number[])[] | null,
    validateOnly: boolean,
  ): Promise<void> {
    const current = await this.zk.topic(name);
    if (current === null) throw new KafkaAnswerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    if (count <= current.size || count > MAX_PARTITIONS) {
      const message = `Topic currently has ${current.size} partitions, which is higher than the requested ${count}.`;
      throw new KafkaAnswerError(ErrorCode.INVALID_PARTITIONS, message);
    }
    const added = count - current.size;
    const first = current.get(0)?.replicas ?? [];
    let placed: ReadonlyMap<number, readonly number[]>;
    if (given !== null) {
      if (given.length !== added) {
        const message = `expected ${added} assignments, one for each new partition, got ${given.length}`;
        throw new KafkaAnswerError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message);
      }
      placed = new Map(given.map((replicas, index) => [current.size + index, replicas]));
      this.checked(placed, current.size);
    } else {
      const ids = this.cache.brokers.map(({ id }) => id).sort((a, b) => a - b);
      placed = this.placement(added, first.length, current.size, Math.max(0, ids.indexOf(first[0] ?? -1)));
    }
    if (validateOnly) return;
    const next = new Map(current);
    for (const [partition, replicas] of placed) next.set(partition, assignmentOf(replicas));
    await this.zk.client.setData(topicPath(name), encodeTopic(next));
  }
}

function checkAssignments(assignments: ReadonlyMap<number, readonly number[]>, first: number) {
  const invalid = (problem: string) => new KafkaAnswerError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, problem);
  const numbers = [...assignments.keys()].sort((a, b) => a - b);
  if (numbers.some((number, index) => number !== first + index)) {
    throw invalid(`expected partitions from ${first} on without gaps, got ${numbers.join(', ')}`);
  }
  const factor = assignments.get(first)?.length ?? 0;
  for (const replicas of assignments.values()) {
    if (replicas.length === 0 || replicas.length !== factor || new Set(replicas).size !== replicas.length) {
      throw invalid(`expected ${factor} different replicas for each partition, got ${replicas.join(', ')}`);
    }
  }
  return assignments;
}

const exists = (name: string) =>
  new KafkaAnswerError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
