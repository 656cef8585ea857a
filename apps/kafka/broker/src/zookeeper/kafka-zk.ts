/** Kafka's znodes as values: each method reads or writes one kind of node (KafkaZkClient). */
import { randomBytes } from 'node:crypto';
import {
  BROKER_IDS,
  BROKER_SEQUENCE,
  BROKER_TOPICS,
  brokerPath,
  CLUSTER_ID,
  CONFIG_CHANGE_PREFIX,
  CONFIG_CHANGES,
  type ConfigChange,
  configPath,
  type Configs,
  type ConfigType,
  CONTROLLER,
  decodeBroker,
  decodeClusterId,
  decodeConfig,
  decodeConfigChange,
  decodeController,
  decodePartitionState,
  decodeTopic,
  DELETE_TOPICS,
  encodeClusterId,
  encodeConfig,
  encodeConfigChange,
  encodeIsrChange,
  encodePartitionState,
  encodeProducerIdBlock,
  encodeTopic,
  ISR_CHANGE_PREFIX,
  type LeaderIsr,
  type LiveBroker,
  nextProducerIdBlock,
  partitionStatePath,
  PERSISTENT_PATHS,
  PRODUCER_ID_BLOCK,
  type ProducerIdBlock,
  type StoredLeaderIsr,
  type TopicAssignment,
  type TopicPartition,
  topicPath,
} from '@menagerie/kafka-core';
import {
  CreateMode,
  type Id,
  isBadVersion,
  isNodeExists,
  isNoNode,
  Perms,
  type WatchCallback,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';

import { forEachBounded } from './limits.js';

/** A write that lost against others so often is not going to win. */
const MAX_CAS_TRIES = 50;

export class KafkaZk {
  constructor(readonly client: ZooKeeperClient) {}

  /** Makes what every Kafka cluster has, if it is not there. */
  async ensurePaths(): Promise<void> {
    await forEachBounded(PERSISTENT_PATHS, (path) => this.client.mkdirp(path));
  }

  /**
   * Takes the folder of users and what is in it away from everybody but `id`: from a SCRAM credential follows how to act as
   * the broker towards its user, and passwords can be tried on it (ZkData.SensitiveRootPaths).
   */
  async closeUsers(id: Id): Promise<void> {
    const acl = [{ perms: Perms.ALL, id }];
    const folder = '/config/users';
    // The folder first: whoever is added from now on gets its ACL.
    await this.client.setAcl(folder, acl);
    await forEachBounded(await this.children(folder), (user) =>
      this.client.setAcl(`${folder}/${user}`, acl).then(() => undefined, ignore(isNoNode)),
    );
  }

  /** The cluster's id; the first broker gives it one of 16 random bytes. */
  async clusterId(): Promise<string> {
    for (let tries = 0; tries < MAX_CAS_TRIES; tries++) {
      const found = await this.dataOrNull(CLUSTER_ID);
      if (found !== null) return decodeClusterId(found.data);
      const id = randomBytes(16).toString('base64url');
      await this.client.mkdirp('/cluster');
      await this.client.create(CLUSTER_ID, encodeClusterId(id)).catch(ignore(isNodeExists));
    }
    throw new Error(`no cluster id after ${MAX_CAS_TRIES} tries`);
  }

  /** An id for a broker that has none: the sequence node's version, above the ids that people may give. */
  async generateBrokerId(reservedMax: number): Promise<number> {
    return (await this.client.setData(BROKER_SEQUENCE, '')).version + reservedMax;
  }

  async controllerId(): Promise<number> {
    const found = await this.dataOrNull(CONTROLLER);
    return found === null ? -1 : decodeController(found.data);
  }

  async brokers(): Promise<readonly LiveBroker[]> {
    const ids = await this.children(BROKER_IDS);
    const brokers = await forEachBounded(ids, async (id) => {
      const found = await this.dataOrNull(brokerPath(Number(id)));
      return found === null ? null : { ...decodeBroker(Number(id), found.data), epoch: found.stat.czxid };
    });
    return brokers.filter((broker) => broker !== null);
  }

  topics(): Promise<readonly string[]> {
    return this.children(BROKER_TOPICS);
  }

  async topic(topic: string, watch?: WatchCallback): Promise<TopicAssignment | null> {
    const found = await this.dataOrNull(topicPath(topic), watch);
    return found === null ? null : decodeTopic(topic, found.data);
  }

  /** @throws ZooKeeperError `ZK_NODE_EXISTS` */
  async createTopic(topic: string, assignment: TopicAssignment, configs: Configs): Promise<void> {
    // The config is there before anybody can learn of the topic.
    const path = configPath('topics', topic);
    await this.client.create(path, encodeConfig(configs)).catch(async (error: unknown) => {
      if (!isNodeExists(error)) throw error;
      await this.client.setData(path, encodeConfig(configs));
    });
    await this.client.create(topicPath(topic), encodeTopic(assignment));
  }

  async markForDeletion(topic: string): Promise<void> {
    await this.client.create(`${DELETE_TOPICS}/${topic}`).catch(ignore(isNodeExists));
  }

  async partitionState({ topic, partition }: TopicPartition): Promise<StoredLeaderIsr | null> {
    const found = await this.dataOrNull(partitionStatePath(topic, partition));
    return found === null
      ? null
      : { ...decodePartitionState(topic, partition, found.data), zkVersion: found.stat.version };
  }

  /** The leader's own write of its ISR, on the condition that nobody wrote since. @returns the new version */
  async setPartitionState({ topic, partition }: TopicPartition, state: LeaderIsr, zkVersion: number): Promise<number> {
    const path = partitionStatePath(topic, partition);
    return (await this.client.setData(path, encodePartitionState(state), { version: zkVersion })).version;
  }

  async notifyIsrChange(partitions: readonly TopicPartition[]): Promise<void> {
    await this.client.create(ISR_CHANGE_PREFIX, encodeIsrChange(partitions), { mode: CreateMode.persistentSequential });
  }

  async config(type: ConfigType, entity: string): Promise<Configs> {
    const path = configPath(type, entity);
    const found = await this.dataOrNull(path);
    return found === null ? {} : decodeConfig(path, found.data);
  }

  /** Writes the config, then tells all brokers: in this order, so that whoever is told reads the new one. */
  async setConfig(type: ConfigType, entity: string, configs: Configs): Promise<void> {
    const path = configPath(type, entity);
    await this.client.mkdirp(path.slice(0, path.lastIndexOf('/')));
    await this.client.setData(path, encodeConfig(configs)).catch(async (error: unknown) => {
      if (!isNoNode(error)) throw error;
      await this.client.create(path, encodeConfig(configs));
    });
    const change = encodeConfigChange({ type, entity });
    await this.client.create(CONFIG_CHANGE_PREFIX, change, { mode: CreateMode.persistentSequential });
  }

  async configChange(name: string): Promise<ConfigChange | null> {
    const found = await this.dataOrNull(`${CONFIG_CHANGES}/${name}`);
    return found === null ? null : decodeConfigChange(found.data);
  }

  /** The next thousand producer ids, which nobody else gets. */
  async nextProducerIds(brokerId: number): Promise<ProducerIdBlock> {
    for (let tries = 0; tries < MAX_CAS_TRIES; tries++) {
      const { data, stat } = await this.client.getData(PRODUCER_ID_BLOCK);
      const block = nextProducerIdBlock(data, brokerId);
      try {
        await this.client.setData(PRODUCER_ID_BLOCK, encodeProducerIdBlock(block), { version: stat.version });
        return block;
      } catch (error) {
        if (!isBadVersion(error)) throw error;
      }
    }
    throw new Error(`no producer ids after ${MAX_CAS_TRIES} tries`);
  }

  async children(path: string): Promise<readonly string[]> {
    try {
      return (await this.client.getChildren(path)).children;
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  async dataOrNull(path: string, watch?: WatchCallback) {
    try {
      return await this.client.getData(path, watch === undefined ? {} : { watch });
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  async deleteIfThere(path: string): Promise<void> {
    await this.client.delete(path).catch(ignore(isNoNode));
  }
}

export const ignore = (expected: (error: unknown) => boolean) => (error: unknown) => {
  if (!expected(error)) throw error;
};
