/**
 * Reads the partitions that one member owns from their leaders, and hands their records over in order. Leaders are looked
 * up in ZooKeeper, and again after each error. All partitions of a leader are asked for together; the next round begins
 * when each leader has answered, so that a slow one delays the others, by its deadline at most.
 */
import type { TopicPartition } from '@menagerie/kafka-core';
import {
  EARLIEST_TIMESTAMP,
  ErrorCode,
  errorName,
  fetchApi,
  isControl,
  isReadable,
  type KafkaRecord,
  LATEST_TIMESTAMP,
  listOffsetsApi,
  readRecords,
  splitWholeBatches,
} from '@menagerie/kafka-protocol';
import { setTimeout as sleep } from 'node:timers/promises';

import { ConnectorError } from '../errors.js';
import type { Address, BrokerLinks } from '../net/broker-links.js';
import type { ClusterZnodes } from '../net/cluster-znodes.js';

const ANSWER_SLACK_MS = 5_000;
const BACKOFF_MS = 100;
const MAX_BYTES = 8 * 1024 * 1024;
const PARTITION_BYTES = 1024 * 1024;

export interface FetcherOptions {
  readonly znodes: ClusterZnodes;
  readonly links: BrokerLinks;
  /** How long a leader may wait for something to send. */
  readonly maxWaitMs: number;
  readonly startAt: 'smallest' | 'largest';
  readonly onRecords: (at: TopicPartition, records: readonly KafkaRecord[]) => Promise<void> | void;
  /** Something that reading again does not mend; the fetcher goes on with the other partitions. */
  readonly onFault: (at: TopicPartition, error: unknown) => void;
}

export interface Owned extends TopicPartition {
  /** The next offset to read; null where nobody has read before. Moves when the records were taken. */
  position: number | null;
  /** -1: to be looked up. */
  leader: number;
}

export class PartitionFetcher {
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    readonly owned: readonly Owned[],
    private readonly options: FetcherOptions,
  ) {
    this.running = this.run();
  }

  /** Resolves when nothing is handed over any more and positions stand still. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && this.owned.length > 0) {
      try {
        await this.round();
      } catch {
        // A broker or the ensemble did not answer: looked for again, from the beginning.
        for (const each of this.owned) each.leader = -1;
      }
      if (this.owned.some(({ leader }) => leader < 0)) {
        await sleep(BACKOFF_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async round(): Promise<void> {
    const { znodes } = this.options;
    const lost = this.owned.filter(({ leader }) => leader < 0);
    for (const each of lost) each.leader = await znodes.leader(each);
    if (lost.length > 0) this.addresses = await znodes.brokers();
    const byLeader = new Map<number, Owned[]>();
    for (const each of this.owned) {
      if (each.leader >= 0) byLeader.set(each.leader, [...(byLeader.get(each.leader) ?? []), each]);
    }
    await Promise.all(
      [...byLeader].map(async ([leader, these]) => {
        try {
          await this.fetch(this.addresses.get(leader), these);
        } catch {
          for (const each of these) each.leader = -1;
        }
      }),
    );
  }

  private addresses: ReadonlyMap<number, Address> = new Map();

  private async fetch(address: Address | undefined, these: readonly Owned[]): Promise<void> {
    if (address === undefined) throw new ConnectorError('KAFKA_NOTHING_LED', 'expected a live leader, got none', true);
    await this.findStarts(address, these);
    const { links, maxWaitMs } = this.options;
    const request = {
      replicaId: -1,
      maxWaitMs,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: these.map(({ topic, partition, position }) => ({
        name: topic,
        partitions: [
          {
            partitionIndex: partition,
            currentLeaderEpoch: -1,
            fetchOffset: position!,
            logStartOffset: -1,
            partitionMaxBytes: PARTITION_BYTES,
          },
        ],
      })),
      forgottenTopics: [],
      rackId: '',
    };
    const answer = await links.request(address, fetchApi, request, maxWaitMs + ANSWER_SLACK_MS);
    for (const { name, partitions } of answer.topics) {
      for (const { partitionIndex, errorCode, records } of partitions) {
        const each = these.find(({ topic, partition }) => topic === name && partition === partitionIndex);
        if (each === undefined || this.stopping.signal.aborted) continue;
        if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) each.position = null;
        else if (errorCode !== ErrorCode.NONE) each.leader = -1;
        else await this.take(each, Buffer.concat(records ?? []));
      }
    }
  }

  private async take(each: Owned, bytes: Buffer): Promise<void> {
    for (const batch of splitWholeBatches(bytes)) {
      if (this.stopping.signal.aborted) return;
      const { topic, partition } = each;
      try {
        if (!isControl(batch.header)) {
          if (!isReadable(batch)) {
            throw new ConnectorError(
              'KAFKA_UNREADABLE',
              `expected plain or gzip records in ${topic}-${partition}`,
              false,
            );
          }
          const records = readRecords(batch).filter(({ offset }) => offset >= each.position!);
          if (records.length > 0) await this.options.onRecords({ topic, partition }, records);
        }
        each.position = batch.header.lastOffset + 1;
      } catch (error) {
        // Read again from here: who takes records may fail for a reason that passes.
        each.leader = -1;
        return this.options.onFault({ topic, partition }, error);
      }
    }
  }

  private async findStarts(address: Address, these: readonly Owned[]): Promise<void> {
    for (const each of these.filter(({ position }) => position === null)) {
      const timestamp = this.options.startAt === 'smallest' ? EARLIEST_TIMESTAMP : LATEST_TIMESTAMP;
      const request = {
        replicaId: -1,
        isolationLevel: 0,
        topics: [
          {
            name: each.topic,
            partitions: [{ partitionIndex: each.partition, currentLeaderEpoch: -1, timestamp, maxNumOffsets: 1 }],
          },
        ],
      };
      const answer = await this.options.links.request(address, listOffsetsApi, request, ANSWER_SLACK_MS);
      const found = answer.topics[0]?.partitions[0];
      if (found?.errorCode !== ErrorCode.NONE) {
        const why = found === undefined ? 'nothing' : errorName(found.errorCode);
        throw new ConnectorError('KAFKA_NOTHING_LED', `expected the ${each.topic} offsets, got ${why}`, true);
      }
      each.position = found.offset;
    }
  }
}
