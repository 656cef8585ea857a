/** A broker: its parts put together, started in order, stopped in the reverse order (KafkaServer.scala). */
import {
  type Configs,
  DEFAULT_ENTITY,
  encodeBroker,
  type Endpoint,
  GROUP_TOPIC,
  TXN_TOPIC,
} from '@menagerie/kafka-core';
import { LogDirectory, readMetaProperties, writeMetaProperties } from '@menagerie/kafka-log';
import { PeerClient } from '@menagerie/kafka-link';
import { controlledShutdownApi, ErrorCode } from '@menagerie/kafka-protocol';
import type { Logger } from '@menagerie/service';
import { digestId, type StateChange, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { setTimeout as sleep } from 'node:timers/promises';

import type { BrokerMetrics } from './admin/broker-metrics.js';
import { routeAcls } from './api/acls.js';
import { routeConfigs } from './api/configs.js';
import { routeFetch } from './api/fetch.js';
import { routeGroups } from './api/groups.js';
import { routeInterBroker } from './api/inter-broker.js';
import { routeMetadata } from './api/metadata.js';
import { routeOffsets } from './api/offsets.js';
import { routePartitions } from './api/partitions.js';
import { routeProduce } from './api/produce.js';
import { Router } from './api/router.js';
import { routeTopics } from './api/topics.js';
import { localMarkers, routeTransactions } from './api/transactions.js';
import type { BrokerParts } from './broker-parts.js';
import type { BrokerConfig } from './config/broker-config.js';
import { ConfigWatcher } from './config/config-watcher.js';
import { usesSasl, usesTls } from './config/security-config.js';
import { TopicConfigs } from './config/topic-configs.js';
import { Controller } from './controller/controller.js';
import { configMistake } from './errors.js';
import { guardCluster } from './guards/cluster-guards.js';
import { guardData } from './guards/data-guards.js';
import { guardGroups } from './guards/group-guards.js';
import { Guards } from './guards/guard.js';
import { GroupCoordinator } from './group/group-coordinator.js';
import { MetadataCache } from './metadata/metadata-cache.js';
import { TopicAdmin } from './metadata/topic-admin.js';
import { ListenerServer } from './net/listener-server.js';
import { Housekeeping } from './replica/housekeeping.js';
import { IsrStore } from './replica/isr-store.js';
import { ReplicaManager } from './replica/replica-manager.js';
import { Authorizer } from './security/authorizer.js';
import { SaslGate } from './security/sasl-gate.js';
import { tlsSettings } from './security/tls-settings.js';
import { Users } from './security/users.js';
import { MarkerSender } from './transaction/marker-sender.js';
import { ProducerIds } from './transaction/producer-ids.js';
import { TransactionCoordinator } from './transaction/transaction-coordinator.js';
import { KafkaZk } from './zookeeper/kafka-zk.js';
import { forEachBounded } from './zookeeper/limits.js';
import { register } from './zookeeper/registration.js';

/** A node of an earlier life goes when its session ends; a little later than that it has to be gone. */
const REGISTRATION_SLACK_MS = 5_000;
const SHUTDOWN_ANSWER_MS = 15_000;

export interface BrokerOptions {
  readonly config: BrokerConfig;
  readonly logger: Logger;
  readonly metrics: BrokerMetrics;
  /** Something after which the process has to end: another broker has our id, for instance. */
  readonly onFatal: (error: unknown) => void;
}

export class Broker {
  private listeners: readonly ListenerServer[] = [];
  private brokerEpoch = -1n;
  private noteRegistered!: () => void;
  private readonly registered = new Promise<void>((resolve) => (this.noteRegistered = resolve));
  private isStopping = false;
  private readonly sessions = new Set<bigint>();
  private readonly stopping = new AbortController();

  private constructor(
    readonly parts: BrokerParts,
    private readonly options: BrokerOptions,
    private readonly logs: LogDirectory,
    private readonly isrStore: IsrStore,
    private readonly configWatcher: ConfigWatcher,
    private readonly housekeeping: Housekeeping,
    private readonly users: Users,
  ) {}

  /** Connects, opens the logs, listens, registers and stands for election; resolves when clients can come. */
  static async start(options: BrokerOptions): Promise<Broker> {
    const { config, logger } = options;
    const client = await ZooKeeper.connect({
      connect: config.zkConnect,
      sessionTimeoutMs: config.zkSessionTimeoutMs,
      connectTimeoutMs: config.zkConnectionTimeoutMs,
      ...(config.zkAuth === null ? {} : { auth: [{ scheme: 'digest', credentials: config.zkAuth }] }),
      callTimeoutMs: config.zkSessionTimeoutMs,
      // Java's client reads large topic znodes because Kafka raises jute.maxbuffer to 4 MiB.
      maxRequestBytes: 4 * 1024 * 1024 - 1,
      logger: zkLogger(logger),
    });
    try {
      const broker = await Broker.assemble(options, client);
      await broker.open(client);
      return broker;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  private static async assemble(options: BrokerOptions, client: ZooKeeperClient): Promise<Broker> {
    const { config, logger, metrics } = options;
    const zk = new KafkaZk(client);
    await zk.ensurePaths();
    if (config.settings['zookeeper.set.acl']) await zk.closeUsers(digestId(config.zkAuth!));
    const clusterId = await zk.clusterId();
    const topicConfigs = new TopicConfigs(config.topicDefaults);
    await forEachBounded(await zk.children('/config/topics'), async (topic) => {
      topicConfigs.set(topic, await zk.config('topics', topic));
    });
    const logs = LogDirectory.open(config.logDir, topicConfigs.logConfig);
    const brokerId = await identify(zk, config, clusterId);
    topicConfigs.setOfBroker(await brokerConfigs(zk, brokerId));
    const users = new Users();
    await forEachBounded(await zk.children('/config/users'), async (user) => {
      users.set(user, await zk.config('users', user));
    });
    const { security } = config;
    const authorizer = security.authorizer === null ? null : new Authorizer(zk, security.authorizer, logger);
    await authorizer?.start();
    const cache = new MetadataCache();
    const isrStore = new IsrStore(zk);
    const groups = new GroupCoordinator(config, cache, logger);
    const interBrokerListener = config.interBrokerListener;
    const write = localMarkers(
      () => replicas,
      () => groups,
      logger,
    );
    const markers = new MarkerSender({ brokerId, cache, interBrokerListener, logger, write });
    const transactions = new TransactionCoordinator(config, cache, new ProducerIds(zk, brokerId), markers, logger);
    const replicas = new ReplicaManager({
      brokerId,
      config,
      logs,
      topicConfigs,
      isrStore,
      logger,
      isKnown: (topicPartition) => cache.partition(topicPartition) !== undefined,
      onRoleChange: (partition, leads) => {
        if (partition.topicPartition.topic === GROUP_TOPIC) groups.roleChanged(partition, leads);
        if (partition.topicPartition.topic === TXN_TOPIC) transactions.roleChanged(partition, leads);
      },
    });
    const parts: BrokerParts = {
      brokerId,
      clusterId,
      brokerEpoch: () => broker.brokerEpoch,
      registered: () => broker.registered,
      config,
      topicConfigs,
      zk,
      logger,
      metrics,
      cache,
      replicas,
      controller: new Controller({ brokerId, zk, config, topicConfigs, logger }),
      topicAdmin: new TopicAdmin(zk, config, cache),
      groups,
      transactions,
      authorizer,
    };
    const configWatcher = new ConfigWatcher(zk, logger, async ({ type, entity }) => {
      if (type === 'topics') {
        topicConfigs.set(entity, await zk.config('topics', entity));
        replicas.reconfigure(entity);
      } else if (type === 'brokers') {
        topicConfigs.setOfBroker(await brokerConfigs(zk, brokerId));
        replicas.reconfigure();
      } else if (type === 'users' && !entity.includes('/')) {
        users.set(entity, await zk.config('users', entity));
      }
    });
    const housekeeping = new Housekeeping(config, logs, logger);
    const broker = new Broker(parts, options, logs, isrStore, configWatcher, housekeeping, users);
    broker.listeners = await broker.listen(write);
    metrics.observe({
      partitions: () => replicas.all.length,
      leaders: () => replicas.all.filter(({ isLeader }) => isLeader).length,
      underReplicated: () =>
        replicas.all.filter((each) => each.isLeader && each.isr.length < each.replicas.length).length,
      connections: () => broker.listeners.reduce((sum, { connections }) => sum + connections, 0),
      activeController: () => parts.controller.isActive,
    });
    return broker;
  }

  private router(write: Parameters<typeof routeTransactions>[2]): Router {
    const { parts } = this;
    const guards = parts.authorizer === null ? null : new Guards(parts.authorizer);
    if (guards !== null) {
      guardData(guards, (topic) => parts.cache.partitions(topic) !== undefined);
      guardGroups(guards);
      guardCluster(guards);
    }
    const router = new Router((api, tookMs) => parts.metrics.answered(api, tookMs), guards);
    routeProduce(router, parts);
    routeFetch(router, parts);
    routeOffsets(router, parts);
    routeMetadata(router, parts);
    routeInterBroker(router, parts);
    routeGroups(router, parts);
    routeTopics(router, parts);
    routeTransactions(router, parts, write);
    routeConfigs(router, parts);
    routePartitions(router, parts);
    routeAcls(router, parts);
    return router;
  }

  private async listen(write: Parameters<typeof routeTransactions>[2]): Promise<readonly ListenerServer[]> {
    const { config, logger } = this.options;
    const { settings } = config;
    const router = this.router(write);
    const open: ListenerServer[] = [];
    for (const listener of config.listeners) {
      open.push(
        await ListenerServer.listen({
          listener,
          tls: usesTls(listener) ? tlsSettings(config.security.ssl) : null,
          maxConnections: settings['max.connections'],
          maxConnectionsPerIp: settings['max.connections.per.ip'],
          maxFrameBytes: settings['socket.request.max.bytes'],
          maxIdleMs: settings['connections.max.idle.ms'],
          dispatch: usesSasl(listener) ? () => this.gate(listener.name, router) : () => router.dispatch,
          onFault: (error, { clientHost }) => logger.warn({ clientHost, err: error }, 'connection closed'),
        }),
      );
    }
    return open;
  }

  private gate(listener: string, router: Router) {
    const { config, logger } = this.options;
    const { mechanisms, plainUsers } = config.security;
    return new SaslGate({
      mechanisms,
      server: (mechanism) => this.users.server(mechanism, plainUsers.get(listener) ?? new Map()),
      next: router.dispatch,
      maxFrameBytes: config.settings['socket.request.max.bytes'],
      logger,
    }).dispatch;
  }

  private async open(client: ZooKeeperClient): Promise<void> {
    const { parts, options } = this;
    client.on('state', (change) => this.sessionChanged(change));
    client.on('session', () => void this.announce(client).catch(options.onFatal));
    await this.announce(client);
    this.configWatcher.start();
    this.housekeeping.start();
    parts.controller.start();
    const endpoints = this.endpoints().map(({ listener, host, port }) => `${listener}://${host}:${port}`);
    options.logger.info(
      { clusterId: parts.clusterId, endpoints },
      `broker ${parts.brokerId} serves ${endpoints.join(', ')}`,
    );
  }

  private sessionChanged({ state, sessionId }: StateChange): void {
    if (state !== 'lost') return;
    if (sessionId !== null) this.sessions.add(sessionId);
    // Nothing that we would still do as controller is ours to do; whoever is elected has a newer epoch.
    this.parts.controller.resign('the session is lost');
  }

  private async announce(client: ZooKeeperClient): Promise<void> {
    if (this.isStopping) return;
    const { parts } = this;
    const { rack, zkSessionTimeoutMs } = parts.config;
    const data = encodeBroker({ id: parts.brokerId, endpoints: this.endpoints(), rack }, Date.now());
    this.brokerEpoch = await register(parts.zk, {
      brokerId: parts.brokerId,
      data,
      earlierSessions: this.sessions,
      waitMs: zkSessionTimeoutMs + REGISTRATION_SLACK_MS,
      signal: this.stopping.signal,
    });
    this.noteRegistered();
    if (client.session !== null) this.sessions.add(client.session.id);
    this.options.logger.info({ epoch: this.brokerEpoch }, `registered as broker ${parts.brokerId}`);
  }

  /** As others are told of them: with the port that was really taken where the file says 0. */
  private endpoints(): readonly Endpoint[] {
    const { listeners, advertised } = this.parts.config;
    return advertised.map(({ name, host, port, securityProtocol }) => {
      const index = listeners.findIndex((listener) => listener.name === name);
      return { listener: name, securityProtocol, host, port: port === 0 ? this.listeners[index]!.port : port };
    });
  }

  /** Where clients reach this broker. */
  get addresses(): readonly string[] {
    return this.endpoints().map(({ host, port }) => `${host}:${port}`);
  }

  get epoch(): bigint {
    return this.brokerEpoch;
  }

  /** Others take our leaderships over, then nothing new is accepted. */
  async leave(): Promise<void> {
    this.isStopping = true;
    await this.controlledShutdown();
    await this.configWatcher.stop();
    await this.parts.controller.stop();
  }

  /** Everything durable, and the session ended so that nobody waits for it. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.parts.authorizer?.stop();
    await Promise.all(this.listeners.map((listener) => listener.close()));
    const { parts } = this;
    parts.groups.close();
    parts.transactions.close();
    this.isrStore.close();
    this.housekeeping.stop();
    await parts.replicas.close();
    await this.logs.close();
    await parts.zk.client.close();
  }

  private async controlledShutdown(): Promise<void> {
    const { parts } = this;
    const { settings } = parts.config;
    if (!settings['controlled.shutdown.enable']) return;
    for (let left = settings['controlled.shutdown.max.retries']; left > 0; left--) {
      try {
        const remaining = await this.askToLeave();
        if (remaining === 0) return;
        parts.logger.warn(`${remaining} partitions have nobody else to lead them`);
      } catch (error) {
        parts.logger.warn({ err: error }, 'the controller did not take our leaderships');
      }
      if (left > 1) await sleep(Math.min(settings['controlled.shutdown.retry.backoff.ms'], 1_000));
    }
  }

  private async askToLeave(): Promise<number> {
    const { parts } = this;
    const { controller, cache, brokerId } = parts;
    if (cache.brokers.length < 2) return 0;
    if (controller.isActive) return (await controller.term.controlledShutdown(brokerId)).length;
    const endpoint = cache
      .broker(controller.controllerId)
      ?.endpoints.find(({ listener }) => listener === parts.config.interBrokerListener);
    if (endpoint === undefined) throw new Error('expected a controller, got none');
    const peer = await PeerClient.connect(endpoint.host, endpoint.port, `broker-${brokerId}-shutdown`);
    try {
      const request = { brokerId, brokerEpoch: Number(this.brokerEpoch) };
      const { errorCode, remainingPartitions } = await peer.request(controlledShutdownApi, request, SHUTDOWN_ANSWER_MS);
      if (errorCode !== ErrorCode.NONE) throw new Error(`expected no error, got ${errorCode}`);
      return remainingPartitions.length;
    } finally {
      peer.close();
    }
  }
}

/** What was set while brokers run: for all of them, and over that for this one (KIP-226). */
async function brokerConfigs(zk: KafkaZk, brokerId: number): Promise<Configs> {
  const ofAll = await zk.config('brokers', DEFAULT_ENTITY);
  return { ...ofAll, ...(await zk.config('brokers', String(brokerId))) };
}

/** The id in the file, in the folder, or a new one; the folder must be of this broker and this cluster. */
async function identify(zk: KafkaZk, config: BrokerConfig, clusterId: string): Promise<number> {
  const meta = readMetaProperties(config.logDir);
  if (meta !== null && meta.clusterId !== clusterId) {
    throw configMistake(`log.dirs: ${config.logDir} belongs to cluster ${meta.clusterId}, not to ${clusterId}`);
  }
  if (meta !== null && config.brokerId >= 0 && meta.brokerId !== config.brokerId) {
    throw configMistake(
      `broker.id: ${config.brokerId} does not match ${meta.brokerId}, which ${config.logDir} belongs to`,
    );
  }
  const given = config.brokerId >= 0 ? config.brokerId : meta?.brokerId;
  const brokerId = given ?? (await zk.generateBrokerId(config.reservedBrokerMaxId));
  if (meta === null) writeMetaProperties(config.logDir, { brokerId, clusterId });
  return brokerId;
}

const zkLogger = (logger: Logger) => ({
  debug: (message: string, fields?: object) => logger.debug({ ...fields }, message),
  info: (message: string, fields?: object) => logger.info({ ...fields }, message),
  warn: (message: string, fields?: object) => logger.warn({ ...fields }, message),
  error: (message: string, fields?: object) => logger.error({ ...fields }, message),
});
