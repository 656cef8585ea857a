/** A consumer group of either era as the comparison sees it: members come and go, and what each does is counted. */
import { type RebalanceEvent, ZookeeperConsumer } from '@menagerie/kafka-connector';
import { type Consumer, type Kafka } from 'kafkajs';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';

import { joinGroup } from './ownership.js';

/** A moment at which a member began or ended to read something. */
export interface Reading {
  readonly atMs: number;
  readonly member: string;
  readonly partitions: readonly number[];
  /** By what it decided: the view in ZooKeeper, the generation. */
  readonly by: string;
}

export interface Counts {
  /** Watches that fired in members. */
  notifications: number;
  /** Members that computed an assignment. */
  decisions: number;
  /** Claims that met another's node. */
  conflicts: number;
  /** Made by members to ZooKeeper. */
  zookeeperCalls: number;
}

export interface Era {
  readonly name: string;
  /** In the order of time. */
  readonly readings: readonly Reading[];
  readonly members: readonly string[];
  counts(): Counts;
  join(name: string): Promise<void>;
  leave(name: string): Promise<void>;
  close(): Promise<void>;
}

const SESSION_MS = 10_000;
/** Kafka's own pause between tries; four of them are its limit, more let the show go on. */
const BACKOFF_MS = 2_000;
const MAX_TRIES = 20;

export class ZookeeperEra implements Era {
  readonly name = 'ZooKeeper';
  readonly readings: Reading[] = [];
  private readonly running = new Map<
    string,
    { readonly client: ZooKeeperClient; readonly consumer: ZookeeperConsumer }
  >();
  private readonly seen = { notifications: 0, decisions: 0, conflicts: 0 };
  private callsOfGone = 0;

  constructor(
    private readonly zkConnect: string,
    private readonly group: string,
    private readonly topic: string,
  ) {}

  get members(): readonly string[] {
    return [...this.running.keys()];
  }

  counts(): Counts {
    const calls = [...this.running.values()].reduce((sum, { consumer }) => sum + consumer.zookeeperCalls, 0);
    return { ...this.seen, zookeeperCalls: calls + this.callsOfGone };
  }

  async join(name: string): Promise<void> {
    const client = await ZooKeeper.connect({ connect: this.zkConnect, sessionTimeoutMs: SESSION_MS });
    const consumer = await ZookeeperConsumer.start({
      client,
      group: this.group,
      subscription: new Map([[this.topic, 1]]),
      onRecords: () => undefined,
      backoffMs: BACKOFF_MS,
      maxTries: MAX_TRIES,
      observe: (event, atMs) => this.note(name, event, atMs),
    });
    this.running.set(name, { client, consumer });
  }

  private note(member: string, event: RebalanceEvent, atMs: number): void {
    if (event.kind === 'notified') this.seen.notifications++;
    if (event.kind === 'decided') this.seen.decisions++;
    if (event.kind === 'conflict') this.seen.conflicts++;
    if (event.kind === 'released') this.readings.push({ atMs, member, partitions: [], by: '' });
    if (event.kind === 'claimed') {
      const partitions = event.partitions.map(({ partition }) => partition);
      this.readings.push({ atMs, member, partitions, by: event.view });
    }
  }

  async leave(name: string): Promise<void> {
    const { client, consumer } = this.running.get(name)!;
    this.running.delete(name);
    await consumer.close();
    this.callsOfGone += consumer.zookeeperCalls;
    await client.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((name) => this.leave(name)));
  }
}

export class CoordinatorEra implements Era {
  readonly name = 'coordinator';
  readonly readings: Reading[] = [];
  private readonly running = new Map<string, Consumer>();
  private readonly generations = new Set<string>();

  constructor(
    private readonly kafka: Kafka,
    private readonly group: string,
    private readonly topic: string,
  ) {}

  get members(): readonly string[] {
    return [...this.running.keys()];
  }

  /** Its members know nothing of ZooKeeper; in each generation one of them, its leader, decides for all. */
  counts(): Counts {
    return { notifications: 0, decisions: this.generations.size, conflicts: 0, zookeeperCalls: 0 };
  }

  async join(name: string): Promise<void> {
    const consumer = joinGroup(this.kafka, this.group, SESSION_MS);
    this.running.set(name, consumer);
    let owned: readonly number[] | null = null;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => (owned = payload.memberAssignment[this.topic] ?? []));
    consumer.on(consumer.events.HEARTBEAT, ({ payload }) => {
      if (owned === null) return;
      const by = String(payload.groupGenerationId);
      this.generations.add(by);
      this.readings.push({ atMs: performance.now(), member: name, partitions: owned, by });
      owned = null;
    });
    consumer.on(consumer.events.REBALANCING, () =>
      this.readings.push({ atMs: performance.now(), member: name, partitions: [], by: '' }),
    );
    await consumer.connect();
    await consumer.subscribe({ topic: this.topic, fromBeginning: true });
    await consumer.run({ eachMessage: async () => undefined });
  }

  async leave(name: string): Promise<void> {
    const consumer = this.running.get(name)!;
    this.running.delete(name);
    await consumer.disconnect();
    this.readings.push({ atMs: performance.now(), member: name, partitions: [], by: '' });
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((name) => this.leave(name)));
  }
}
