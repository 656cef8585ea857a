/**
 * A producer that watches: brokers, the topic and who leads each partition of it, and moves with every change
 * (ZKBrokerPartitionInfo.scala, 0.7.2, on the znodes of today). It costs a session and its watches for each producer,
 * which is why producers ask brokers for metadata since 0.8.
 */
import { BROKER_IDS, type Endpoint, partitionStatePath, topicPath } from '@menagerie/kafka-core';
import type { WatchKind, ZooKeeperClient } from '@menagerie/zookeeper-client';

import { ConnectorError } from '../errors.js';
import { BrokerLinks } from '../net/broker-links.js';
import { ClusterZnodes } from '../net/cluster-znodes.js';
import { type LedPartition, nextPartition } from './choice.js';
import { produce } from './produce.js';

export class WatchingProducer {
  private readonly znodes: ClusterZnodes;
  private readonly links = new BrokerLinks('watching-producer');
  private readonly stopping = new AbortController();
  private readonly followed = new Set<string>();
  private brokers: ReadonlyMap<number, Endpoint> = new Map();
  private partitions: readonly LedPartition[] = [];
  private turn = 0;
  /** Reads are made one after the other: the last one that ends is the last one that began. */
  private reading: Promise<void> = Promise.resolve();
  /** How often a watch has told of a change. */
  notifications = 0;

  private constructor(
    client: ZooKeeperClient,
    private readonly topic: string,
  ) {
    this.znodes = new ClusterZnodes(client);
  }

  /** @param client stays open when the producer is closed. @throws ZooKeeperError */
  static async start(client: ZooKeeperClient, topic: string): Promise<WatchingProducer> {
    const producer = new WatchingProducer(client, topic);
    producer.follow(BROKER_IDS, 'children');
    producer.follow(topicPath(topic), 'data');
    await producer.read();
    return producer;
  }

  /** The brokers that it writes to now. */
  get targets(): readonly number[] {
    const leaders = this.partitions.map(({ leader }) => leader).filter((leader) => this.brokers.has(leader));
    return [...new Set(leaders)].sort((a, b) => a - b);
  }

  /** @throws ConnectorError, PeerError: the next try goes elsewhere, once for each partition */
  async send(values: readonly Buffer[]): Promise<void> {
    const { topic } = this;
    let failure: unknown = new ConnectorError('KAFKA_NOTHING_LED', `nobody alive leads a partition of ${topic}`, true);
    for (let tries = 0; tries <= this.partitions.length; tries++) {
      const next = nextPartition(this.partitions, (id) => this.brokers.has(id), this.turn++);
      if (next === null) break;
      try {
        await produce(this.links, this.brokers.get(next.leader)!, { topic, partition: next.partition }, values);
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  private follow(path: string, kind: WatchKind): void {
    if (this.followed.has(path)) return;
    this.followed.add(path);
    const run = async () => {
      for await (const { cause } of this.znodes.client.watch(path, { kind, signal: this.stopping.signal })) {
        if (cause === 'event') this.notifications++;
        if (cause !== 'start') await this.read();
      }
    };
    // A closed session ends it; what was read last is used until nothing of it works.
    run().catch(() => undefined);
  }

  private read(): Promise<void> {
    const { topic, znodes } = this;
    const next = async () => {
      const numbers = await znodes.partitions(topic);
      for (const number of numbers) this.follow(partitionStatePath(topic, number), 'data');
      const leaders = numbers.map(async (partition) => ({
        partition,
        leader: await znodes.leader({ topic, partition }),
      }));
      [this.brokers, this.partitions] = await Promise.all([znodes.brokers(), Promise.all(leaders)]);
    };
    this.reading = this.reading.catch(() => undefined).then(next);
    return this.reading;
  }

  close(): void {
    this.stopping.abort();
    this.links.close();
  }
}
