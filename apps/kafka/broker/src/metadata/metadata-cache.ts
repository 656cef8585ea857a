/** What clients are told of the cluster: as the controller last said, and nothing older (MetadataCache). */
import type { RequestOf, updateMetadataApi } from '@menagerie/kafka-protocol';
import type { TopicPartition } from '@menagerie/kafka-core';

type UpdateMetadata = RequestOf<typeof updateMetadataApi>;
export type PartitionMetadata = UpdateMetadata['topics'][number]['partitions'][number];

export interface KnownBroker {
  readonly id: number;
  readonly rack: string | null;
  readonly endpoints: readonly { readonly listener: string; readonly host: string; readonly port: number }[];
}

/** The leader in an update about a topic that is being deleted. */
const LEADER_DURING_DELETE = -2;

export class MetadataCache {
  private brokerMap = new Map<number, KnownBroker>();
  private readonly topicMap = new Map<string, Map<number, PartitionMetadata>>();
  private readonly watchers = new Set<() => void>();

  get brokers(): readonly KnownBroker[] {
    return [...this.brokerMap.values()];
  }

  get topics(): readonly string[] {
    return [...this.topicMap.keys()];
  }

  broker(id: number): KnownBroker | undefined {
    return this.brokerMap.get(id);
  }

  /** Undefined when nobody has told of the topic. */
  partitions(topic: string): ReadonlyMap<number, PartitionMetadata> | undefined {
    return this.topicMap.get(topic);
  }

  partition({ topic, partition }: TopicPartition): PartitionMetadata | undefined {
    return this.topicMap.get(topic)?.get(partition);
  }

  update({ topics, liveBrokers }: UpdateMetadata): void {
    this.brokerMap = new Map(liveBrokers.map((broker) => [broker.id, broker]));
    for (const { name, partitions } of topics) {
      let known = this.topicMap.get(name);
      if (known === undefined) this.topicMap.set(name, (known = new Map()));
      for (const each of partitions) {
        if (each.leader === LEADER_DURING_DELETE) known.delete(each.partitionIndex);
        else known.set(each.partitionIndex, each);
      }
      if (known.size === 0) this.topicMap.delete(name);
    }
    const watchers = [...this.watchers];
    this.watchers.clear();
    for (const callback of watchers) callback();
  }

  /** Resolves to true once `condition` holds, or to false when the time is over first. Looks again at each update. */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.watchers.delete(look);
        resolve(condition());
      }, timeoutMs);
      const look = () => {
        if (!condition()) return void this.watchers.add(look);
        clearTimeout(timer);
        resolve(true);
      };
      this.watchers.add(look);
    });
  }
}
