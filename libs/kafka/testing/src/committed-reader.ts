/**
 * Reads a topic along as a consumer with `isolation.level=read_committed` sees it, with nothing between the answers of the
 * brokers and whoever judges them: kafkajs 2.2.4 shows the first record of an aborted transaction when its fetch begins
 * amid two of them, which looks like a message that is there twice.
 * Source: CompletedFetch.nextFetchedRecord, consumeAbortedTransactionsUpTo.
 */
import { PeerClient } from '@menagerie/kafka-link';
import {
  type Batch,
  ErrorCode,
  fetchApi,
  isControl,
  isTransactional,
  type KafkaRecord,
  metadataApi,
  readRecords,
  readTxnMarker,
  splitWholeBatches,
} from '@menagerie/kafka-protocol';
import { setTimeout as sleep } from 'node:timers/promises';

const READ_COMMITTED = 1;
const MAX_BYTES = 1024 * 1024;
const WAIT_MS = 100;
const ANSWER_MS = 10_000;
const AGAIN_MS = 50;

export interface CommittedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly record: KafkaRecord;
  /** Who wrote it, for whoever has to explain what is wrong. */
  readonly producer: string;
}

interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** The batches that a reader of committed data is given; those of aborted transactions and all markers are left out. Pure. */
export function committedBatches(batches: readonly Batch[], aborted: readonly AbortedTransaction[]): readonly Batch[] {
  const toCome = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  return batches.filter((batch) => {
    const { header } = batch;
    while (toCome.length > 0 && toCome[0]!.firstOffset <= header.lastOffset) open.add(toCome.shift()!.producerId);
    if (isControl(header)) {
      if (readTxnMarker(batch)?.committed === false) open.delete(header.producerId);
      return false;
    }
    return !(isTransactional(header) && open.has(header.producerId));
  });
}

export class CommittedReader {
  private readonly clients = new Map<string, PeerClient>();
  private readonly closing = new AbortController();
  private readonly loops: Promise<unknown>;

  constructor(
    private readonly bootstrap: readonly string[],
    private readonly topic: string,
    partitions: readonly number[],
    private readonly onRecord: (record: CommittedRecord) => void,
  ) {
    this.loops = Promise.all(partitions.map((partition) => this.follow(partition)));
  }

  /** Goes on for ever: a broker that is gone, or leads no more, is asked for later. */
  private async follow(partition: number): Promise<void> {
    let offset = 0;
    while (!this.closing.signal.aborted) {
      try {
        const leader = await this.leaderOf(partition);
        while (!this.closing.signal.aborted) offset = await this.fetch(leader, partition, offset);
      } catch {
        await sleep(AGAIN_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  private async leaderOf(partition: number): Promise<PeerClient> {
    const request = {
      topics: [{ name: this.topic }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    };
    const seeds = await Promise.allSettled(this.bootstrap.map((address) => this.client(address)));
    for (const seed of seeds) {
      if (seed.status === 'rejected') continue;
      const { brokers, topics } = await seed.value.request(metadataApi, request, ANSWER_MS);
      const found = topics[0]?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
      const broker = brokers.find(({ nodeId }) => nodeId === found?.leaderId);
      if (broker !== undefined) return this.client(`${broker.host}:${broker.port}`);
    }
    throw new Error(`no leader of ${this.topic}/${partition} is known`);
  }

  /** @returns the offset to go on from */
  private async fetch(leader: PeerClient, partition: number, offset: number): Promise<number> {
    const wanted = {
      partitionIndex: partition,
      currentLeaderEpoch: -1,
      fetchOffset: offset,
      logStartOffset: -1,
      partitionMaxBytes: MAX_BYTES,
    };
    const request = {
      replicaId: -1,
      maxWaitMs: WAIT_MS,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      isolationLevel: READ_COMMITTED,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [{ name: this.topic, partitions: [wanted] }],
      forgottenTopics: [],
      rackId: '',
    };
    const answer = (await leader.request(fetchApi, request, ANSWER_MS)).topics[0]?.partitions[0];
    if (answer?.errorCode !== ErrorCode.NONE) throw new Error(`fetch answered ${answer?.errorCode}`);
    const batches = splitWholeBatches(Buffer.concat(answer.records ?? []));
    for (const batch of committedBatches(batches, answer.abortedTransactions ?? [])) {
      const { producerId, producerEpoch } = batch.header;
      for (const record of readRecords(batch)) {
        // The first batch may begin before what was asked for.
        if (record.offset < offset) continue;
        this.onRecord({ partition, offset: record.offset, record, producer: `${producerId} epoch ${producerEpoch}` });
      }
    }
    return batches.length === 0 ? offset : batches.at(-1)!.header.lastOffset + 1;
  }

  private async client(address: string): Promise<PeerClient> {
    const known = this.clients.get(address);
    if (known?.isOpen === true) return known;
    const [host = '', port = ''] = address.split(':');
    const client = await PeerClient.connect(host, Number(port), 'committed-reader', this.closing.signal);
    this.clients.get(address)?.close();
    this.clients.set(address, client);
    return client;
  }

  async close(): Promise<void> {
    this.closing.abort();
    for (const client of this.clients.values()) client.close();
    await this.loops;
  }
}
