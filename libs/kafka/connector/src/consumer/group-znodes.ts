/** A group as it stands in ZooKeeper: its members, who owns what, how far everybody has read. */
import type { TopicPartition } from '@menagerie/kafka-core';
import { CreateMode, isNodeExists, isNoNode } from '@menagerie/zookeeper-client';

import type { GroupView } from '../assignment/group-view.js';
import type { ClusterZnodes } from '../net/cluster-znodes.js';
import { decodeMember, decodeOffset, encodeMember, encodeOffset, type Subscription } from '../znodes/consumer-nodes.js';
import { idPath, idsPath, offsetPath, offsetsPath, ownerPath, ownersPath } from '../znodes/consumer-paths.js';

export interface Claim extends TopicPartition {
  readonly threadId: string;
}

export class GroupZnodes {
  constructor(
    private readonly znodes: ClusterZnodes,
    private readonly group: string,
  ) {}

  private get client() {
    return this.znodes.client;
  }

  /** Makes what the group keeps its nodes below. */
  async ensurePaths(topics: Iterable<string>): Promise<void> {
    const { group } = this;
    const parents = [...topics].flatMap((topic) => [ownersPath(group, topic), offsetsPath(group, topic)]);
    for (const path of [idsPath(group), ...parents]) {
      this.znodes.calls++;
      await this.client.mkdirp(path);
    }
  }

  /** Says that the member is there, for as long as its session is. One of this session is left as it is. */
  async register(consumerId: string, subscription: Subscription): Promise<void> {
    const path = idPath(this.group, consumerId);
    this.znodes.calls++;
    try {
      await this.client.create(path, encodeMember(subscription, Date.now()), { mode: CreateMode.ephemeral });
    } catch (error) {
      if (!isNodeExists(error)) throw error;
      const stat = await this.client.exists(path);
      if (stat?.ephemeralOwner === this.client.session?.id) return;
      // Of our session before this one: it ends with that, and would take our membership with it.
      await this.deleteIfThere(path);
      await this.client.create(path, encodeMember(subscription, Date.now()), { mode: CreateMode.ephemeral });
    }
  }

  unregister(consumerId: string): Promise<void> {
    return this.deleteIfThere(idPath(this.group, consumerId));
  }

  async view(): Promise<GroupView> {
    const ids = await this.znodes.children(idsPath(this.group));
    const members = new Map<string, Subscription>();
    await Promise.all(
      ids.map(async (id) => {
        const path = idPath(this.group, id);
        const data = await this.znodes.dataOrNull(path);
        if (data !== null) members.set(id, decodeMember(path, data));
      }),
    );
    const topics = [...new Set([...members.values()].flatMap((subscription) => [...subscription.keys()]))].sort();
    const partitions = new Map<string, readonly number[]>();
    for (const topic of topics) partitions.set(topic, await this.znodes.partitions(topic));
    return { members, partitions };
  }

  /** False when somebody else holds it. */
  async claim({ topic, partition, threadId }: Claim): Promise<boolean> {
    const path = ownerPath(this.group, topic, partition);
    this.znodes.calls++;
    try {
      await this.client.create(path, threadId, { mode: CreateMode.ephemeral });
      return true;
    } catch (error) {
      if (!isNodeExists(error)) throw error;
      return false;
    }
  }

  /** Gives back what this session owns, and nothing else: the node may be another's by now. */
  async release({ topic, partition }: TopicPartition): Promise<void> {
    const path = ownerPath(this.group, topic, partition);
    this.znodes.calls++;
    const stat = await this.client.exists(path);
    if (stat === null || stat.ephemeralOwner !== this.client.session?.id) return;
    await this.deleteIfThere(path);
  }

  async offset({ topic, partition }: TopicPartition): Promise<number | null> {
    const path = offsetPath(this.group, topic, partition);
    const data = await this.znodes.dataOrNull(path);
    return data === null ? null : decodeOffset(path, data);
  }

  /** Without a condition, as Kafka does: a member that has lost the partition and does not know it can set it back. */
  async setOffset({ topic, partition }: TopicPartition, offset: number): Promise<void> {
    const path = offsetPath(this.group, topic, partition);
    this.znodes.calls++;
    await this.client.setData(path, encodeOffset(offset)).catch(async (error: unknown) => {
      if (!isNoNode(error)) throw error;
      await this.client.create(path, encodeOffset(offset));
    });
  }

  private async deleteIfThere(path: string): Promise<void> {
    this.znodes.calls++;
    await this.client.delete(path).catch((error: unknown) => {
      if (!isNoNode(error)) throw error;
    });
  }
}
