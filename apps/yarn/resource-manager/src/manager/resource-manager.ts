/**
 * A ResourceManager as a whole: standby or active, and the way from one to the other.
 *
 * Transitions come from three sides (the elector, the neutral timer, a store in trouble) and are done one after the
 * other. A store in trouble is tied to the life it belongs to, so the news can neither be lost while standby nor end a
 * later life (YARN-11839); and it is dealt with apart from the write that found it, which must not wait for its own end
 * (YARN-2579).
 */
import { randomBytes, randomInt } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  ConfigError,
  HealthRegistry,
  HealthState,
  LOGGER,
  type Logger,
  SERVICE_CONFIG,
  ShutdownOrder,
} from '@menagerie/service';
import { LinkState, NeutralTimer, StoreLayout } from '@menagerie/yarn-core';
import { type ClusterInfo, HaState, YarnRecordError, YarnRequestError } from '@menagerie/yarn-protocol';
import type { ResourceManagerConfig } from '../config/config.js';
import { type Candidate, Election, type ElectionOptions } from '../election/election.js';
import { newCounters } from '../store/fenced-writer.js';
import { StoreSession } from '../store/store-session.js';
import { ZkRmStateStore } from '../store/zk-rm-state-store.js';
import { clientLogger, formatSession } from '../zookeeper/client-logger.js';
import { ActiveLife } from './active-life.js';
import { MasterLauncher } from './master-launcher.js';

/** Changes of role that are remembered for people. */
const MAX_TRANSITIONS = 50;
/** Before an elector that gave up joins again. */
const REJOIN_PAUSE_MS = 1_000;

@Injectable()
export class ResourceManager implements OnApplicationBootstrap, Candidate {
  private haState: HaState = HaState.Initializing;
  private life: ActiveLife | null = null;
  private clusterTimestampMs = 0;
  private readonly startedOnMs = Date.now();
  private readonly transitions: ClusterInfo['transitions'] = [];
  private readonly counters = newCounters();
  private lastStoreFailure: string | null = null;
  private lastStoreState = 'CLOSED';

  /** The end of the transitions asked for so far. */
  private tail: Promise<unknown> = Promise.resolve();
  private stopping = false;

  private readonly neutral: NeutralTimer;
  private neutralAlarm: NodeJS.Timeout | undefined;
  private rejoinAlarm: NodeJS.Timeout | undefined;

  private readonly election: Election;
  private readonly electionOptions: ElectionOptions;
  private readonly session: StoreSession;
  private readonly launcher = new MasterLauncher();

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: ResourceManagerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    health: HealthRegistry,
    order: ShutdownOrder,
  ) {
    const { zkConnect, sessionTimeoutMs, clusterId, rmId, electionBase: base, rmAddress } = config;
    this.neutral = new NeutralTimer(sessionTimeoutMs);
    const log = clientLogger(logger, 'elector');
    this.electionOptions = { zkConnect, sessionTimeoutMs, base, clusterId, rmId, logger: log };
    this.election = new Election(this.electionOptions, this);
    this.session = new StoreSession({ zkConnect, sessionTimeoutMs, rmAddress, logger: clientLogger(logger, 'store') });
    health.add('zookeeper', () => ({
      state: this.election.linkState === LinkState.Connected ? HealthState.up : HealthState.degraded,
      details: { sessionIds: this.sessionIds(), link: this.election.linkState },
    }));
    // A standby is as healthy as an active: it waits, as it should.
    health.add('resource-manager', () => ({
      state: HealthState.up,
      details: { haState: this.haState, elector: this.election.state, store: this.storeState },
    }));
    order.add('leave', 'election', () => this.stop());
    order.add('close', 'store session', () => this.session.close());
  }

  /** @throws ConfigError when the place of the election belongs to another cluster */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await Election.checkPlace(this.electionOptions);
    } catch (error) {
      throw error instanceof YarnRecordError ? new ConfigError('YARN_CLUSTER_ID', error.message) : error;
    }
    this.note(HaState.Standby, 'started', 0);
    this.election.join();
  }

  /** The active life. @throws YarnRequestError `YARN_STANDBY` when this one is not active */
  get active(): ActiveLife {
    if (this.life === null || this.haState !== HaState.Active) {
      throw new YarnRequestError('YARN_STANDBY', `${this.config.rmId} is ${this.haState.toLowerCase()}`);
    }
    return this.life;
  }

  // From the elector.

  becomeActive(): Promise<boolean> {
    this.settle();
    return this.transition(() => this.toActive());
  }

  becomeStandby(): void {
    this.settle();
    void this.transition(() => this.toStandby('the lock is held by another'));
  }

  /** ZooKeeper is out of sight. That is no reason to step down at once, only when it lasts. */
  enterNeutral(): void {
    this.neutral.entered(Date.now());
    if (this.neutralAlarm) return;
    const waitMs = this.neutral.remainingMs(Date.now()) ?? 0;
    this.logger.warn({ waitMs }, 'ZooKeeper is out of sight; standby if it stays so');
    this.neutralAlarm = setTimeout(() => {
      this.settle();
      void this.transition(() => this.toStandby('ZooKeeper was out of sight for a whole session timeout'));
    }, waitMs);
  }

  fatal(why: string): void {
    this.settle();
    this.logger.error({ why }, 'out of the election');
    void this.transition(() => this.toStandby(why));
    if (this.stopping) return;
    clearTimeout(this.rejoinAlarm);
    this.rejoinAlarm = setTimeout(() => this.election.join(), REJOIN_PAUSE_MS);
  }

  private settle(): void {
    this.neutral.settled();
    clearTimeout(this.neutralAlarm);
    this.neutralAlarm = undefined;
  }

  // Transitions.

  private transition<T>(what: () => Promise<T>): Promise<T> {
    const done = this.tail.then(what);
    this.tail = done.catch(() => undefined);
    return done;
  }

  private async toActive(): Promise<boolean> {
    if (this.stopping) return false;
    if (this.life !== null) return this.life.store.state === 'ACTIVE';
    const startedMs = performance.now();
    const clusterTimestampMs = Math.max(Date.now(), this.clusterTimestampMs + 1);
    try {
      this.life = await this.openLife(clusterTimestampMs);
    } catch (error) {
      this.lastStoreFailure = error instanceof Error ? error.message : String(error);
      const fields = error instanceof YarnRecordError ? { why: error.message } : { err: error };
      this.logger.error(fields, 'could not become active');
      return false;
    }
    this.clusterTimestampMs = clusterTimestampMs;
    this.note(HaState.Active, `epoch ${this.life.store.epoch}`, performance.now() - startedMs);
    return true;
  }

  private async openLife(clusterTimestampMs: number): Promise<ActiveLife> {
    const { config, logger } = this;
    let life: ActiveLife | null = null;
    let early: string | null = null;
    const trouble = (state: string, reason: string) => {
      this.lastStoreFailure = `${state}: ${reason}`;
      logger.error({ state, reason }, 'the state store refuses us');
      if (life === null) early = reason;
      else void this.leave(life, `the state store is ${state.toLowerCase()}: ${reason}`);
    };
    const store = await ZkRmStateStore.open({
      session: this.session,
      layout: new StoreLayout(config.store.parent, config.store.splitIndex),
      znodeLimitBytes: config.store.znodeLimitBytes,
      retryMs: config.store.retryMs,
      drainMs: config.store.drainMs,
      counters: this.counters,
      newMasterKey: () => ({ keyId: randomInt(1, 0x7fffffff), bytes: randomBytes(32) }),
      onTrouble: trouble,
    });
    if (early !== null) throw new Error(`the state store was taken while it was being opened: ${String(early)}`);
    const { rmId, rm } = config;
    life = new ActiveLife({ rmId, clusterTimestampMs, config: rm, store, launcher: this.launcher, logger });
    return life;
  }

  /** The way down for a life whose store is in trouble: to standby, then back into the election. */
  private async leave(life: ActiveLife, why: string): Promise<void> {
    const left = await this.transition(async () => {
      if (this.life !== life) return false;
      await this.toStandby(why);
      return true;
    });
    if (left && !this.stopping) this.election.rejoin();
  }

  private async toStandby(why: string): Promise<void> {
    const { life } = this;
    if (life === null) return;
    const startedMs = performance.now();
    // From here on nobody is served any more; what is under way to the store may still end.
    this.life = null;
    this.haState = HaState.Standby;
    await life.end();
    this.lastStoreState = life.store.state;
    this.note(HaState.Standby, why, performance.now() - startedMs);
  }

  private note(haState: HaState, why: string, tookMs: number): void {
    this.haState = haState;
    this.transitions.push({ atMs: Date.now(), haState, why, tookMs: Math.round(tookMs) });
    if (this.transitions.length > MAX_TRANSITIONS) this.transitions.shift();
    this.logger.info({ why, tookMs: Math.round(tookMs) }, `${this.config.rmId} is ${haState.toLowerCase()}`);
  }

  private async stop(): Promise<void> {
    this.stopping = true;
    this.settle();
    clearTimeout(this.rejoinAlarm);
    // The store first, so that our last write is not refused by a successor whom we let in too early.
    await this.transition(() => this.toStandby('stopped'));
    this.haState = HaState.Stopping;
    await this.election.quit();
  }

  /** The elector's and the store's, as far as there are any. */
  private sessionIds(): readonly string[] {
    return [this.election.sessionId, this.session.sessionId].flatMap((id) => formatSession(id) ?? []);
  }

  private get storeState(): string {
    return this.life?.store.state ?? this.lastStoreState;
  }

  /** What this one believes, active or not. */
  info(): ClusterInfo {
    return {
      id: this.clusterTimestampMs,
      startedOn: this.startedOnMs,
      state: this.stopping ? 'STOPPED' : 'STARTED',
      haState: this.haState,
      rmId: this.config.rmId,
      clusterId: this.config.clusterId,
      pid: process.pid,
      rmStateStoreName: 'ZKRMStateStore',
      haZooKeeperConnectionState: this.election.linkState,
      clusterTimestamp: this.clusterTimestampMs,
      epoch: this.life?.store.epoch ?? null,
      elector: {
        state: this.election.state,
        sessionId: formatSession(this.election.sessionId),
        joined: this.election.joined,
      },
      store: {
        state: this.storeState,
        sessionId: formatSession(this.session.sessionId),
        counters: { ...this.counters },
        lastFailure: this.lastStoreFailure,
      },
      transitions: [...this.transitions],
    };
  }
}
