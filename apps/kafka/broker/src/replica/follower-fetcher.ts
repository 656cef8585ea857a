/** Copies from one leader all partitions that we follow it in: truncates to what both have, then fetches for ever. */
import { PeerClient } from '@menagerie/kafka-link';
import {
  EARLIEST_TIMESTAMP,
  ErrorCode,
  errorName,
  fetchApi,
  LATEST_TIMESTAMP,
  listOffsetsApi,
  offsetForLeaderEpochApi,
  type ResponseOf,
  wholeBatchesBytes,
} from '@menagerie/kafka-protocol';
import type { Logger } from '@menagerie/service';
import { setTimeout as sleep } from 'node:timers/promises';

import { truncationFor } from './follower-truncation.js';
import type { Partition } from './partition.js';

export interface FetcherOptions {
  readonly brokerId: number;
  readonly leaderId: number;
  readonly host: string;
  readonly port: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
  readonly backoffMs: number;
  readonly logger: Logger;
}

interface Followed {
  readonly partition: Partition;
  readonly leaderEpoch: number;
  truncated: boolean;
  /** Left alone until then, after an error. */
  resumeAtMs: number;
}

const REQUEST_SLACK_MS = 30_000;
/** A link that is down is tried again so often. */
const RECONNECT_MS = 100;

type FetchedPartition = ResponseOf<typeof fetchApi>['topics'][number]['partitions'][number];

export class FollowerFetcher {
  private readonly followed = new Map<string, Followed>();
  private readonly stopping = new AbortController();
  private wakeUp: () => void = () => undefined;
  private client: PeerClient | null = null;
  private readonly running: Promise<void>;

  constructor(private readonly options: FetcherOptions) {
    this.running = this.run();
  }

  get partitions(): number {
    return this.followed.size;
  }

  isAt(host: string, port: number): boolean {
    return this.options.host === host && this.options.port === port;
  }

  /** Follows a partition in its present epoch. */
  add(partition: Partition): void {
    const { topic, partition: number } = partition.topicPartition;
    const { leaderEpoch } = partition;
    this.followed.set(`${topic}-${number}`, { partition, leaderEpoch, truncated: false, resumeAtMs: 0 });
    this.wakeUp();
  }

  remove(partition: Partition): void {
    const { topic, partition: number } = partition.topicPartition;
    this.followed.delete(`${topic}-${number}`);
  }

  async close(): Promise<void> {
    this.stopping.abort();
    this.client?.close();
    this.wakeUp();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.round();
      } catch (error) {
        if (signal.aborted) return;
        this.options.logger.debug({ err: error, leader: this.options.leaderId }, 'no answer from the leader');
        this.client?.close();
        this.client = null;
        await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async round(): Promise<void> {
    const nowMs = performance.now();
    const ready = [...this.followed.values()].filter((each) => each.resumeAtMs <= nowMs && this.isCurrent(each));
    if (ready.length === 0) return this.nap();
    const { host, port, brokerId } = this.options;
    if (this.client?.isOpen !== true) {
      this.client = await PeerClient.connect(host, port, `broker-${brokerId}-fetcher`, this.stopping.signal);
    }
    await this.truncate(ready.filter((each) => !each.truncated));
    await this.fetch(ready.filter((each) => each.truncated && this.isCurrent(each)));
  }

  /** Still ours to follow, in the epoch in which we began. */
  private isCurrent(each: Followed): boolean {
    const { topic, partition } = each.partition.topicPartition;
    return (
      this.followed.get(`${topic}-${partition}`) === each &&
      each.partition.leaderEpoch === each.leaderEpoch &&
      !each.partition.isLeader
    );
  }

  private async nap(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.options.maxWaitMs || RECONNECT_MS);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.stopping.signal.aborted) this.wakeUp();
    });
  }

  private delay(each: Followed): void {
    each.resumeAtMs = performance.now() + this.options.backoffMs;
  }

  private async truncate(these: readonly Followed[]): Promise<void> {
    const byEpoch = these.filter(({ partition }) => partition.log.epochs.latestEpoch >= 0);
    for (const each of these) {
      if (byEpoch.includes(each)) continue;
      each.partition.log.truncateTo(each.partition.log.highWatermark);
      each.truncated = true;
    }
    if (byEpoch.length === 0) return;
    const asked = new Map(byEpoch.map((each) => [each, each.partition.log.epochs.latestEpoch]));
    const request = {
      replicaId: this.options.brokerId,
      topics: groupByTopic(byEpoch, (each) => ({
        partitionIndex: each.partition.topicPartition.partition,
        currentLeaderEpoch: each.leaderEpoch,
        leaderEpoch: asked.get(each)!,
      })),
    };
    const response = await this.client!.request(offsetForLeaderEpochApi, request, REQUEST_SLACK_MS);
    for (const { name, partitions } of response.topics) {
      for (const { partitionIndex, errorCode, leaderEpoch, endOffset } of partitions) {
        const each = this.followed.get(`${name}-${partitionIndex}`);
        if (each === undefined || !this.isCurrent(each)) continue;
        if (errorCode !== ErrorCode.NONE) {
          this.delay(each);
          continue;
        }
        const { log } = each.partition;
        const truncation = truncationFor(log, asked.get(each)!, { epoch: leaderEpoch, endOffset });
        log.truncateTo(truncation.offset);
        each.truncated = truncation.done;
      }
    }
  }

  private async fetch(these: readonly Followed[]): Promise<void> {
    if (these.length === 0) return;
    const { brokerId, maxWaitMs, minBytes, maxBytes, partitionMaxBytes } = this.options;
    const request = {
      replicaId: brokerId,
      maxWaitMs,
      minBytes,
      maxBytes,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: groupByTopic(these, ({ partition, leaderEpoch }) => ({
        partitionIndex: partition.topicPartition.partition,
        currentLeaderEpoch: leaderEpoch,
        fetchOffset: partition.log.logEndOffset,
        logStartOffset: partition.log.logStartOffset,
        partitionMaxBytes,
      })),
      forgottenTopics: [],
      rackId: '',
    };
    const response = await this.client!.request(fetchApi, request, maxWaitMs + REQUEST_SLACK_MS);
    for (const { name, partitions } of response.topics) {
      for (const fetched of partitions) {
        const each = this.followed.get(`${name}-${fetched.partitionIndex}`);
        if (each !== undefined && this.isCurrent(each)) await this.take(each, fetched);
      }
    }
  }

  private async take(each: Followed, fetched: FetchedPartition): Promise<void> {
    const { partition } = each;
    const { topic, partition: number } = partition.topicPartition;
    if (fetched.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) return this.outOfRange(each);
    if (fetched.errorCode !== ErrorCode.NONE) {
      this.options.logger.debug({ topic, partition: number }, `fetch: ${errorName(fetched.errorCode)}`);
      return this.delay(each);
    }
    try {
      const records = fetched.records?.[0] ?? Buffer.alloc(0);
      const whole = records.subarray(0, wholeBatchesBytes(records));
      if (whole.length > 0) partition.log.appendAsFollower(whole, Date.now());
      partition.followHighWatermark(Math.min(fetched.highWatermark, partition.log.logEndOffset));
      if (fetched.logStartOffset > partition.log.logStartOffset) {
        partition.log.advanceLogStart(Math.min(fetched.logStartOffset, partition.log.highWatermark));
      }
    } catch (error) {
      this.options.logger.error({ topic, partition: number, err: error }, 'cannot append what the leader sent');
      this.delay(each);
    }
  }

  /** The leader has not, or no longer, what we would need next: cut to its end, or start anew at its beginning. */
  private async outOfRange(each: Followed): Promise<void> {
    const { log, topicPartition } = each.partition;
    const end = await this.offsetAt(each, LATEST_TIMESTAMP);
    const start = end === null ? null : await this.offsetAt(each, EARLIEST_TIMESTAMP);
    if (end === null || start === null || !this.isCurrent(each)) return this.delay(each);
    this.options.logger.warn(
      { ...topicPartition, ours: log.logEndOffset, start, end },
      'out of the range of the leader’s log',
    );
    if (end < log.logEndOffset) log.truncateTo(end);
    else log.truncateFully(Math.max(start, log.logEndOffset));
  }

  private async offsetAt(each: Followed, timestamp: number): Promise<number | null> {
    const { topic, partition } = each.partition.topicPartition;
    const at = { partitionIndex: partition, currentLeaderEpoch: each.leaderEpoch, timestamp, maxNumOffsets: 1 };
    const request = {
      replicaId: this.options.brokerId,
      isolationLevel: 0,
      topics: [{ name: topic, partitions: [at] }],
    };
    const response = await this.client!.request(listOffsetsApi, request, REQUEST_SLACK_MS);
    const answer = response.topics[0]?.partitions[0];
    return answer?.errorCode === ErrorCode.NONE ? answer.offset : null;
  }
}

function groupByTopic<T>(
  these: readonly Followed[],
  of: (each: Followed) => T,
): readonly { readonly name: string; readonly partitions: readonly T[] }[] {
  const topics = new Map<string, T[]>();
  for (const each of these) {
    const { topic } = each.partition.topicPartition;
    const known = topics.get(topic);
    if (known === undefined) topics.set(topic, [of(each)]);
    else known.push(of(each));
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions }));
}
