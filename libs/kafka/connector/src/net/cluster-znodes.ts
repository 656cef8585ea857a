/** What the clients of this era read of brokers and topics in ZooKeeper, counted: its load is what the eras differ by. */
import {
  BROKER_IDS,
  brokerPath,
  decodeBroker,
  decodePartitionState,
  decodeTopic,
  type Endpoint,
  NO_LEADER,
  partitionStatePath,
  type TopicPartition,
  topicPath,
} from '@menagerie/kafka-core';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';

/** The listener of a protocol that these clients speak. */
const PROTOCOL = 'PLAINTEXT';

export class ClusterZnodes {
  /** Calls made, writes included. */
  calls = 0;

  constructor(readonly client: ZooKeeperClient) {}

  async children(path: string): Promise<readonly string[]> {
    this.calls++;
    try {
      return (await this.client.getChildren(path)).children;
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  async dataOrNull(path: string): Promise<Buffer | null> {
    this.calls++;
    try {
      return (await this.client.getData(path)).data;
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  /** Where live brokers listen, by id. */
  async brokers(): Promise<ReadonlyMap<number, Endpoint>> {
    const found = await Promise.all(
      (await this.children(BROKER_IDS)).map(async (name) => {
        const id = Number(name);
        const data = await this.dataOrNull(brokerPath(id));
        const endpoints = data === null ? [] : decodeBroker(id, data).endpoints;
        return endpoints.filter((each) => each.securityProtocol === PROTOCOL).map((each) => [id, each] as const);
      }),
    );
    return new Map(found.flatMap((endpoints) => endpoints.slice(0, 1)));
  }

  /** Ascending; none while there is no such topic. */
  async partitions(topic: string): Promise<readonly number[]> {
    const data = await this.dataOrNull(topicPath(topic));
    return data === null ? [] : [...decodeTopic(topic, data).keys()];
  }

  /** `NO_LEADER` while nobody leads it. */
  async leader({ topic, partition }: TopicPartition): Promise<number> {
    const data = await this.dataOrNull(partitionStatePath(topic, partition));
    return data === null ? NO_LEADER : decodePartitionState(topic, partition, data).leader;
  }
}
