/**
 * One reign of a controller, from its election to its fall: it reads the whole cluster, watches what can change, and on
 * each change decides (libs/kafka/core), writes under the fence of its epoch, and tells the brokers (KafkaController).
 */
import {
  BROKER_IDS,
  BROKER_TOPICS,
  ControllerContext,
  decodeIsrChange,
  decodePreferredElection,
  decodeReassignments,
  DELETE_TOPICS,
  electForOffline,
  electPreferredLeaders,
  firstLeaders,
  imbalanced,
  ISR_CHANGES,
  type LeaderChange,
  onBrokersDied,
  onControlledShutdown,
  type PartitionInfo,
  PREFERRED_ELECTION,
  REASSIGN_PARTITIONS,
  type TopicPartition,
} from '@menagerie/kafka-core';
import type { Logger } from '@menagerie/service';
import type { Snapshot, WatchKind } from '@menagerie/zookeeper-client';

import type { BrokerConfig } from '../config/broker-config.js';
import type { TopicConfigs } from '../config/topic-configs.js';
import type { KafkaZk } from '../zookeeper/kafka-zk.js';
import { forEachBounded } from '../zookeeper/limits.js';
import { BrokerChannels } from './broker-channels.js';
import type { Victory } from './election.js';
import { EventQueue } from './event-queue.js';
import { FencedZk } from './fenced-zk.js';
import { Reassignments } from './reassignments.js';
import { TopicDeletions } from './topic-deletions.js';

export interface TermOptions {
  readonly brokerId: number;
  readonly zk: KafkaZk;
  readonly config: BrokerConfig;
  readonly topicConfigs: TopicConfigs;
  readonly logger: Logger;
  /** The reign is over: somebody else was elected, or something went wrong that only reading everything anew mends. */
  readonly onEnd: (why: string, error?: unknown) => void;
}

/** Leaders and controller write the same znodes: who loses decides anew, at most so often. */
const MAX_ROUNDS = 20;
/** The first look at the balance comes this long after the election. */
const FIRST_BALANCE_MS = 5_000;

export class ControllerTerm {
  readonly context: ControllerContext;
  readonly fenced: FencedZk;
  readonly channels: BrokerChannels;
  readonly events: EventQueue;
  readonly logger: Logger;
  readonly reassignments: Reassignments;
  private readonly deletions: TopicDeletions;
  private readonly ended = new AbortController();
  private balanceTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: TermOptions,
    readonly victory: Victory,
  ) {
    const { brokerId, zk, config, logger } = options;
    this.logger = logger;
    this.context = new ControllerContext(brokerId, victory.epoch);
    this.fenced = new FencedZk(zk, victory.epoch, victory.epochZkVersion);
    this.channels = new BrokerChannels({
      context: this.context,
      interBrokerListener: config.interBrokerListener,
      logger,
      onDeposed: () => this.fall('a broker has heard of a newer controller'),
    });
    this.events = new EventQueue((name, error) => this.fall(`event "${name}" failed`, error));
    this.reassignments = new Reassignments(this);
    this.deletions = new TopicDeletions(this);
    this.events.add('start', () => this.start());
  }

  get epoch(): number {
    return this.victory.epoch;
  }

  /** Ends the reign: nothing is watched, sent or written any more. */
  end(): void {
    this.ended.abort();
    clearTimeout(this.balanceTimer);
    this.events.close();
    this.channels.closeAll();
  }

  private fall(why: string, error?: unknown): void {
    if (this.ended.signal.aborted) return;
    this.end();
    this.options.onEnd(why, error);
  }

  private readonly allowsUnclean = (topic: string): boolean => this.options.topicConfigs.allowsUncleanElection(topic);

  private async start(): Promise<void> {
    const { context, channels, fenced } = this;
    // Watched before it is read: a change in between is then seen twice, not never.
    this.watch(BROKER_IDS, 'children', 'brokers', () => this.brokersChanged());
    this.watch(BROKER_TOPICS, 'children', 'topics', () => this.topicsChanged());
    for (const name of await fenced.zk.children(ISR_CHANGES)) await fenced.delete(`${ISR_CHANGES}/${name}`);
    for (const broker of await fenced.zk.brokers()) {
      context.live.set(broker.id, broker);
      channels.open(broker);
    }
    await this.loadTopics(await fenced.zk.topics());
    for (const topic of await fenced.zk.children(DELETE_TOPICS))
      if (context.topics.has(topic)) context.deleting.add(topic);
    channels.updateMetadata(context.partitions());
    await this.change(() => firstLeaders(context, context.partitions()));
    // Who died while nobody reigned has died for us now (ReplicaStateMachine.startup).
    const away = new Set([...context.partitions()].flatMap((info) => context.offlineReplicas(info)));
    await this.change(() => onBrokersDied(context, away, this.allowsUnclean));
    await this.change(() => electForOffline(context, context.partitions(), this.allowsUnclean));
    channels.leaderAndIsr(context.partitions(), {});
    channels.updateMetadata(context.partitions());
    this.watch(DELETE_TOPICS, 'children', 'deletions', async ({ children }) => this.deletions.resume(children ?? []));
    this.watch(ISR_CHANGES, 'children', 'isr', async ({ children }) => this.isrChanged(children ?? []));
    this.watch(REASSIGN_PARTITIONS, 'data', 'reassign', ({ data }) => this.reassignByZnode(data));
    this.watch(PREFERRED_ELECTION, 'data', 'preferred', ({ data }) => this.preferredByZnode(data));
    await this.reassignments.resume();
    if (this.options.config.settings['auto.leader.rebalance.enable']) this.balanceLater(FIRST_BALANCE_MS);
    this.logger.info(
      { epoch: this.epoch, brokers: context.live.size, topics: context.topics.size },
      `controller of epoch ${this.epoch}`,
    );
  }

  private watch(path: string, kind: WatchKind, name: string, act: (snapshot: Snapshot) => Promise<void>): void {
    const { signal } = this.ended;
    const follow = async () => {
      for await (const snapshot of this.options.zk.client.watch(path, { kind, signal })) {
        // A new session means that we are no longer the controller; the election finds that out by itself.
        if (snapshot.cause !== 'session') this.events.add(name, () => act(snapshot));
      }
    };
    follow().catch((error: unknown) => this.fall(`${path} can not be watched`, error));
  }

  /** Decides, writes, and decides anew about what lost against another's write, until nothing is left. @returns what was written */
  private async change(plan: () => readonly LeaderChange[]): Promise<readonly PartitionInfo[]> {
    const changed = new Set<PartitionInfo>();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const changes = plan();
      if (changes.length === 0) break;
      for (const { info } of await this.fenced.writeLeaders(changes)) changed.add(info);
    }
    return [...changed];
  }

  private announce(infos: readonly PartitionInfo[], isNew = false): void {
    if (infos.length === 0) return;
    this.channels.leaderAndIsr(infos, { isNew: () => isNew });
    this.channels.updateMetadata(infos);
  }

  private async loadTopics(topics: readonly string[]): Promise<readonly PartitionInfo[]> {
    const { zk } = this.fenced;
    const added = await forEachBounded(topics, async (topic) => {
      const watch = ({ type }: { type: string }) => {
        if (type === 'data-changed') this.events.add(`partitions of ${topic}`, () => this.partitionsChanged(topic));
      };
      const assignment = await zk.topic(topic, watch);
      // Whether its leader may be elected uncleanly is for us to know, wherever its replicas are.
      this.options.topicConfigs.set(topic, await zk.config('topics', topic));
      return assignment === null ? [] : this.context.setAssignment(topic, assignment);
    });
    const infos = added.flat();
    await forEachBounded(infos, (info) => this.fenced.reread(info));
    return infos;
  }

  private async brokersChanged(): Promise<void> {
    const { context, channels } = this;
    const now = new Map((await this.fenced.zk.brokers()).map((broker) => [broker.id, broker]));
    const dead = new Set<number>();
    // One that came back under a newer epoch has died in between, seen or not (KAFKA-1120).
    for (const [id, known] of context.live) if (now.get(id)?.epoch !== known.epoch) dead.add(id);
    for (const id of dead) {
      context.live.delete(id);
      context.shuttingDown.delete(id);
      channels.close(id);
      this.deletions.brokerDied(id);
    }
    if (dead.size > 0) {
      this.logger.info({ brokers: [...dead] }, `broker ${[...dead].join(', ')} is gone`);
      const changed = await this.change(() => onBrokersDied(context, dead, this.allowsUnclean));
      channels.leaderAndIsr(changed, {});
      // Also where nothing changed but who is alive.
      channels.updateMetadata(
        [...context.partitions()].filter((info) => info.assignment.replicas.some((id) => dead.has(id))),
      );
    }
    const added = new Set([...now.keys()].filter((id) => !context.live.has(id)));
    for (const id of added) {
      const broker = now.get(id)!;
      context.live.set(id, broker);
      channels.open(broker);
    }
    for (const [id, broker] of now) context.live.set(id, broker);
    if (added.size > 0) await this.brokersCame(added);
  }

  private async brokersCame(ids: ReadonlySet<number>): Promise<void> {
    const { context, channels } = this;
    this.logger.info({ brokers: [...ids] }, `broker ${[...ids].join(', ')} is here`);
    channels.updateMetadata(context.partitions(), ids);
    channels.updateMetadata([]);
    const concerned = [...context.partitions()].filter((info) => info.assignment.replicas.some((id) => ids.has(id)));
    await this.change(() => firstLeaders(context, concerned));
    const elected = await this.change(() => electForOffline(context, context.partitions(), this.allowsUnclean));
    channels.leaderAndIsr(concerned, { to: ids });
    this.announce(elected);
    channels.updateMetadata(concerned);
    await this.reassignments.resume();
    await this.deletions.resume([...context.deleting]);
  }

  private async topicsChanged(): Promise<void> {
    const { context } = this;
    const now = new Set(await this.fenced.zk.topics());
    for (const topic of context.topics.keys()) {
      if (!now.has(topic) && !context.deleting.has(topic)) context.topics.delete(topic);
    }
    const added = await this.loadTopics([...now].filter((topic) => !context.topics.has(topic)));
    if (added.length === 0) return;
    await this.change(() => firstLeaders(context, added));
    this.announce(
      added.filter((info) => info.leaderIsr !== null),
      true,
    );
  }

  private async partitionsChanged(topic: string): Promise<void> {
    if (this.context.deleting.has(topic)) return;
    const added = await this.loadTopics([topic]);
    await this.change(() => firstLeaders(this.context, added));
    this.announce(
      added.filter((info) => info.leaderIsr !== null),
      true,
    );
  }

  private async isrChanged(names: readonly string[]): Promise<void> {
    const { fenced, context } = this;
    const changed = new Set<PartitionInfo>();
    for (const name of names) {
      const found = await fenced.zk.dataOrNull(`${ISR_CHANGES}/${name}`);
      for (const each of found === null ? [] : decodeIsrChange(found.data)) {
        const info = context.partition(each);
        if (info !== undefined) changed.add(info);
      }
    }
    await forEachBounded([...changed], (info) => fenced.reread(info));
    this.channels.updateMetadata(changed);
    for (const name of names) await fenced.delete(`${ISR_CHANGES}/${name}`);
  }

  private async reassignByZnode(data: Buffer | null): Promise<void> {
    if (data === null) return;
    try {
      for (const order of decodeReassignments(data)) await this.reassignments.order(order);
    } catch (error) {
      if (!isUserData(error)) throw error;
      this.logger.warn({ err: error }, 'a reassignment that can not be read');
    }
    await this.fenced.delete(REASSIGN_PARTITIONS);
  }

  private async preferredByZnode(data: Buffer | null): Promise<void> {
    if (data === null) return;
    try {
      await this.electPreferred(decodePreferredElection(data));
    } catch (error) {
      if (!isUserData(error)) throw error;
      this.logger.warn({ err: error }, 'an election that can not be read');
    }
    await this.fenced.delete(PREFERRED_ELECTION);
  }

  private async electPreferred(partitions: Iterable<TopicPartition>): Promise<void> {
    const infos = [...partitions].map((each) => this.context.partition(each)).filter((info) => info !== undefined);
    await forEachBounded(infos, (info) => this.fenced.reread(info));
    this.announce(await this.change(() => electPreferredLeaders(this.context, infos)));
  }

  private balanceLater(ms: number): void {
    const { settings } = this.options.config;
    this.balanceTimer = setTimeout(() => {
      this.events.add('balance', async () => {
        const threshold = settings['leader.imbalance.per.broker.percentage'] / 100;
        await this.electPreferred(imbalanced(this.context, threshold));
        this.balanceLater(settings['leader.imbalance.check.interval.seconds'] * 1000);
      });
    }, ms);
  }

  /** Preferred leaders, or unclean ones, on request. @returns the partitions that are led as asked by now */
  electOnRequest(partitions: readonly TopicPartition[], unclean: boolean): Promise<readonly PartitionInfo[]> {
    return this.events.call('elect', async () => {
      const infos = partitions.map((each) => this.context.partition(each)).filter((info) => info !== undefined);
      if (unclean) this.announce(await this.change(() => electForOffline(this.context, infos, () => true)));
      else await this.electPreferred(infos);
      return infos.filter((info) =>
        unclean ? this.context.stateOf(info) === 'Online' : info.leaderIsr?.leader === info.assignment.replicas[0],
      );
    });
  }

  /** @returns the partitions that the broker still leads, because nobody else may */
  controlledShutdown(brokerId: number): Promise<readonly TopicPartition[]> {
    return this.events.call('controlled shutdown', async () => {
      const { context, channels } = this;
      context.shuttingDown.add(brokerId);
      const changed = await this.change(() => onControlledShutdown(context, brokerId));
      // The new leaders first; the broker that goes then stops to fetch what it follows.
      this.announce(changed);
      const followed = changed.filter(({ leaderIsr }) => leaderIsr?.leader !== brokerId);
      if (followed.length > 0) channels.stopReplicas(brokerId, followed, false);
      return [...context.partitionsLedBy(brokerId)].filter(({ assignment }) => assignment.replicas.length > 1);
    });
  }
}

const isUserData = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'KAFKA_ZNODE';
