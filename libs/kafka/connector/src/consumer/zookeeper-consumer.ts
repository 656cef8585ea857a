/**
 * A member of a consumer group of before 0.9 (ZookeeperConsumerConnector.scala, 0.8.2.2). Nobody leads: every member
 * watches all others and the topics, and after each change computes for itself, from what it sees, what is whose. Owner
 * nodes keep two members from reading one partition when they saw different things; whoever meets another's node gives
 * everything back and tries again a little later.
 *
 * Different from Kafka's: waits between tries are spread by chance, and a member whose session is lost stops reading at
 * once instead of when it hears of the next session.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TopicPartition, topicPath } from '@menagerie/kafka-core';
import type { KafkaRecord } from '@menagerie/kafka-protocol';
import type { WatchKind, ZooKeeperClient } from '@menagerie/zookeeper-client';

import { type Assignor, shareOf, viewKey } from '../assignment/group-view.js';
import { assignRange } from '../assignment/range.js';
import { RebalanceFailedError } from '../errors.js';
import { BrokerLinks } from '../net/broker-links.js';
import { ClusterZnodes } from '../net/cluster-znodes.js';
import { consumerIdOf, type Subscription } from '../znodes/consumer-nodes.js';
import { idsPath } from '../znodes/consumer-paths.js';
import { type Claim, GroupZnodes } from './group-znodes.js';
import { PartitionFetcher } from './partition-fetcher.js';
import type { RebalanceEvent, RebalanceObserver } from './rebalance-event.js';

export interface ConsumerOptions {
  /** The member's own session: what it owns ends with it. Not closed by the consumer. */
  readonly client: ZooKeeperClient;
  readonly group: string;
  /** Topics to the number of streams each is read with. */
  readonly subscription: Subscription;
  readonly onRecords: (at: TopicPartition, records: readonly KafkaRecord[]) => Promise<void> | void;
  /** Default range. Must be the same in all members. */
  readonly assignor?: Assignor;
  /** `rebalance.max.retries`. Default 4. */
  readonly maxTries?: number;
  /** `rebalance.backoff.ms`. Default 2,000, each time up to half of it more. */
  readonly backoffMs?: number;
  /** `auto.commit.interval.ms`. Default 60,000; 0: only at rebalances, at the end and by `commit`. */
  readonly commitIntervalMs?: number;
  /** `fetch.wait.max.ms`. Default 100. */
  readonly fetchWaitMs?: number;
  /** `auto.offset.reset`. Default largest, as Kafka's. */
  readonly startAt?: 'smallest' | 'largest';
  readonly observe?: RebalanceObserver;
  /** 0 up to 1, for the spread of waits. */
  readonly random?: () => number;
}

export class ZookeeperConsumer implements AsyncDisposable {
  readonly consumerId: string;
  private readonly znodes: ClusterZnodes;
  private readonly group: GroupZnodes;
  private readonly links: BrokerLinks;
  private readonly stopping = new AbortController();
  private readonly background: Promise<void>[] = [];
  private readonly unsubscribe: (() => void)[] = [];
  private fetcher: PartitionFetcher | null = null;
  private claims: readonly Claim[] = [];
  /** What ZooKeeper holds, as far as we wrote or read it. */
  private readonly committed = new Map<string, number>();
  private isDirty = false;
  private wake: () => void = () => undefined;

  private constructor(private readonly options: ConsumerOptions) {
    this.consumerId = consumerIdOf(options.group, hostname(), Date.now(), randomBytes(4).toString('hex'));
    this.znodes = new ClusterZnodes(options.client);
    this.group = new GroupZnodes(this.znodes, options.group);
    this.links = new BrokerLinks(this.consumerId);
  }

  /** Registers and watches; the first rebalance follows by itself. @throws ZooKeeperError */
  static async start(options: ConsumerOptions): Promise<ZookeeperConsumer> {
    const consumer = new ZookeeperConsumer(options);
    const { client, group, subscription } = options;
    await consumer.group.ensurePaths(subscription.keys());
    await consumer.group.register(consumer.consumerId, subscription);
    consumer.unsubscribe.push(
      client.on('state', ({ state }) => {
        if (state === 'lost' || state === 'closed') void consumer.abandon();
      }),
      client.on('session', () => void consumer.rejoin()),
    );
    consumer.background.push(consumer.rebalanceLoop(), consumer.commitLoop());
    consumer.background.push(consumer.follow(idsPath(group), 'children'));
    for (const topic of subscription.keys()) consumer.background.push(consumer.follow(topicPath(topic), 'data'));
    return consumer;
  }

  /** What it owns and reads now. */
  get owned(): readonly TopicPartition[] {
    return this.fetcher === null ? [] : this.claims.map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Calls made to ZooKeeper since the start, those of the watches not counted. */
  get zookeeperCalls(): number {
    return this.znodes.calls;
  }

  /** Writes how far everything owned has been read. */
  async commit(): Promise<void> {
    for (const { topic, partition, position } of this.fetcher?.owned ?? []) {
      const key = `${topic}/${partition}`;
      if (position === null || this.committed.get(key) === position) continue;
      await this.group.setOffset({ topic, partition }, position);
      this.committed.set(key, position);
    }
  }

  /** Stops reading, commits, and leaves the group. The session stays open. */
  async close(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    for (const off of this.unsubscribe) off();
    this.wake();
    await Promise.all(this.background);
    await this.letGo();
    this.links.close();
    await this.group.unregister(this.consumerId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private tell(event: RebalanceEvent): void {
    this.options.observe?.(event, performance.now());
  }

  private async follow(path: string, kind: WatchKind): Promise<void> {
    const { signal } = this.stopping;
    for await (const { cause } of this.options.client.watch(path, { kind, signal })) {
      if (cause === 'event') this.tell({ kind: 'notified', path });
      this.trigger();
    }
  }

  /** Any number of triggers before a rebalance are one. */
  private trigger(): void {
    this.isDirty = true;
    this.wake();
  }

  private async rejoin(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    try {
      await this.group.register(this.consumerId, this.options.subscription);
      this.trigger();
    } catch (error) {
      this.tell({ kind: 'failed', error });
    }
  }

  private async rebalanceLoop(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (!this.isDirty) await new Promise<void>((resolve) => (this.wake = resolve));
      if (signal.aborted) return;
      this.isDirty = false;
      await this.rebalance();
    }
  }

  private async rebalance(): Promise<void> {
    const { maxTries = 4, backoffMs = 2_000, random = Math.random } = this.options;
    const { signal } = this.stopping;
    for (let tries = 1; tries <= maxTries && !signal.aborted; tries++) {
      try {
        if (await this.tryRebalance()) return;
      } catch (error) {
        if (signal.aborted) return;
        this.tell({ kind: 'failed', error });
      }
      if (tries < maxTries) {
        await sleep(backoffMs * (1 + random() / 2), undefined, { signal }).catch(() => undefined);
      }
    }
    if (!signal.aborted) this.tell({ kind: 'failed', error: new RebalanceFailedError(this.consumerId, maxTries) });
  }

  /** False when a partition that falls to us is still somebody else's. */
  private async tryRebalance(): Promise<boolean> {
    const { assignor = assignRange, client, subscription } = this.options;
    const session = client.session?.id;
    const view = await this.group.view();
    const key = viewKey(view);
    // Without our own node this is a view in which we own nothing: a new session registers and triggers again.
    this.tell({ kind: 'decided', view: key, members: view.members.size });
    await this.letGo();
    const streams = Math.max(...subscription.values());
    const share = shareOf(assignor(view), this.consumerId, streams);
    const taken: Claim[] = [];
    for (const claim of share) {
      if (await this.group.claim(claim)) {
        taken.push(claim);
        continue;
      }
      this.tell({ kind: 'conflict', topic: claim.topic, partition: claim.partition });
      for (const each of taken) await this.group.release(each);
      return false;
    }
    const positions = await Promise.all(taken.map((claim) => this.group.offset(claim)));
    // What was claimed by a session that has ended since is not ours.
    if (client.state !== 'connected' || client.session?.id !== session) return false;
    this.claims = taken;
    this.read(taken, positions);
    this.tell({ kind: 'claimed', view: key, partitions: this.owned });
    return true;
  }

  private read(claims: readonly Claim[], positions: readonly (number | null)[]): void {
    const { fetchWaitMs = 100, startAt = 'largest', onRecords } = this.options;
    const owned = claims.map(({ topic, partition }, index) => ({
      topic,
      partition,
      position: positions[index] ?? null,
      leader: -1,
    }));
    this.fetcher = new PartitionFetcher(owned, {
      znodes: this.znodes,
      links: this.links,
      maxWaitMs: fetchWaitMs,
      startAt,
      onRecords,
      onFault: (_, error) => this.tell({ kind: 'failed', error }),
    });
  }

  /** Stops reading, commits, gives the owner nodes back: in this order, so that the next owner begins where we end. */
  private async letGo(): Promise<void> {
    await this.fetcher?.stop();
    await this.commit();
    this.fetcher = null;
    const { claims } = this;
    this.claims = [];
    if (claims.length > 0) this.tell({ kind: 'released' });
    for (const each of claims) await this.group.release(each);
  }

  /** The session is gone and everything owned with it: nothing is committed, since it may be another's by now. */
  private async abandon(): Promise<void> {
    const { claims, fetcher } = this;
    this.fetcher = null;
    this.claims = [];
    this.committed.clear();
    if (claims.length > 0) this.tell({ kind: 'released' });
    await fetcher?.stop();
  }

  private async commitLoop(): Promise<void> {
    const { commitIntervalMs = 60_000 } = this.options;
    const { signal } = this.stopping;
    if (commitIntervalMs === 0) return;
    while (!signal.aborted) {
      await sleep(commitIntervalMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.commit().catch((error: unknown) => this.tell({ kind: 'failed', error }));
    }
  }
}
