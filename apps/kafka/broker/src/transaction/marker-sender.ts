/** Carries the end of a transaction into every partition it wrote to: leaders are found, asked, and asked again. */
import { PeerClient } from '@menagerie/kafka-link';
import { ErrorCode, writeTxnMarkersApi } from '@menagerie/kafka-protocol';
import { type Transaction, type TopicPartition, TXN_TOPIC } from '@menagerie/kafka-core';
import type { Logger } from '@menagerie/service';
import { setTimeout as sleep } from 'node:timers/promises';

import type { MetadataCache } from '../metadata/metadata-cache.js';

const RETRY_MS = 50;
const ANSWER_MS = 10_000;

export type LocalMarkers = (
  partitions: readonly TopicPartition[],
  marker: {
    readonly producerId: number;
    readonly producerEpoch: number;
    readonly committed: boolean;
    readonly coordinatorEpoch: number;
  },
) => Promise<readonly ErrorCode[]>;

export interface MarkerSenderOptions {
  readonly brokerId: number;
  readonly cache: MetadataCache;
  readonly interBrokerListener: string;
  readonly logger: Logger;
  /** Writes them here, where we lead. */
  readonly write: LocalMarkers;
}

export class MarkerSender {
  private readonly clients = new Map<string, PeerClient>();

  constructor(private readonly options: MarkerSenderOptions) {}

  /** Resolves when every partition has its marker, to false when `signal` fired first or a newer coordinator is at it. */
  async send(txn: Transaction, committed: boolean, coordinatorEpoch: number, signal: AbortSignal): Promise<boolean> {
    const { producerId, producerEpoch } = txn;
    const marker = { producerId, producerEpoch, committed, coordinatorEpoch };
    let left: readonly TopicPartition[] = txn.partitions;
    while (left.length > 0) {
      if (signal.aborted) return false;
      const byLeader = new Map<number, TopicPartition[]>();
      for (const each of left) {
        const known = this.options.cache.partition(each);
        if (known === undefined && this.isDeleted(each.topic)) continue;
        const leader = known?.leader ?? -1;
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), each]);
      }
      const results = await Promise.all(
        [...byLeader].map(async ([leader, partitions]) => {
          const codes = await this.at(leader, partitions, marker);
          return partitions.map((each, index) => ({ each, code: codes[index] ?? ErrorCode.NETWORK_EXCEPTION }));
        }),
      );
      const all = results.flat();
      if (all.some(({ code }) => isFenced(code))) return false;
      left = all.filter(({ code }) => code !== ErrorCode.NONE).map(({ each }) => each);
      if (left.length > 0) await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
    return true;
  }

  /**
   * A topic that was deleted meanwhile has nothing to end. A broker that has just come back knows no topic yet, not even the
   * one that made it a coordinator, and can not tell.
   */
  private isDeleted(topic: string): boolean {
    const { cache } = this.options;
    return cache.partitions(topic) === undefined && cache.partitions(TXN_TOPIC) !== undefined;
  }

  private async at(
    leader: number,
    partitions: readonly TopicPartition[],
    marker: Parameters<LocalMarkers>[1],
  ): Promise<readonly ErrorCode[]> {
    if (leader === this.options.brokerId) return this.options.write(partitions, marker);
    const endpoint = this.options.cache
      .broker(leader)
      ?.endpoints.find(({ listener }) => listener === this.options.interBrokerListener);
    if (endpoint === undefined) return [];
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
    const { producerId, producerEpoch, committed, coordinatorEpoch } = marker;
    try {
      const client = await this.client(endpoint.host, endpoint.port);
      const listed = [...topics].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
      const markers = [{ producerId, producerEpoch, committed, topics: listed, coordinatorEpoch }];
      const response = await client.request(writeTxnMarkersApi, { markers }, ANSWER_MS);
      const codes = new Map<string, number>();
      for (const { name, partitions: answered } of response.markers[0]?.topics ?? []) {
        for (const { partitionIndex, errorCode } of answered) codes.set(`${name}/${partitionIndex}`, errorCode);
      }
      return partitions.map(
        ({ topic, partition }) => (codes.get(`${topic}/${partition}`) ?? ErrorCode.NETWORK_EXCEPTION) as ErrorCode,
      );
    } catch (error) {
      this.options.logger.debug({ err: error, leader }, 'a marker could not be sent');
      return [];
    }
  }

  private async client(host: string, port: number): Promise<PeerClient> {
    const key = `${host}:${port}`;
    const known = this.clients.get(key);
    if (known?.isOpen === true) return known;
    const client = await PeerClient.connect(host, port, `broker-${this.options.brokerId}-txn-marker-sender`);
    this.clients.get(key)?.close();
    this.clients.set(key, client);
    return client;
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }
}

const isFenced = (code: ErrorCode) =>
  code === ErrorCode.TRANSACTION_COORDINATOR_FENCED || code === ErrorCode.INVALID_PRODUCER_EPOCH;
