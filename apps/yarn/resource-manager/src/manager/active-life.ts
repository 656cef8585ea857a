/**
 * One active life at work: the pure active services, the store that remembers them, and what carries out their effects.
 *
 * Nothing of a life outlives it: an answer that comes after its end finds nobody.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from '@menagerie/service';
import { ActiveServices, type RmConfig, type RmEffect } from '@menagerie/yarn-core';
import { isYarnError } from '@menagerie/yarn-protocol';
import { StoreShutError } from '../store/store-errors.js';
import type { StoreEffect, ZkRmStateStore } from '../store/zk-rm-state-store.js';
import type { MasterLauncher } from './master-launcher.js';

export interface ActiveLifeOptions {
  readonly rmId: string;
  readonly clusterTimestampMs: number;
  readonly config: RmConfig;
  readonly store: ZkRmStateStore;
  readonly launcher: MasterLauncher;
  readonly logger: Logger;
}

/** How often it is looked who has been silent. */
const TICK_MS = 250;

export class ActiveLife {
  readonly services: ActiveServices;
  private readonly over = new AbortController();
  private readonly ticker: NodeJS.Timeout;

  constructor(private readonly options: ActiveLifeOptions) {
    const { rmId, clusterTimestampMs, config, store } = options;
    this.services = new ActiveServices(config, {
      rmId,
      clusterTimestampMs,
      epoch: store.epoch,
      containerTokenKey: randomBytes(32),
    });
    this.services.recover(store.applications, Date.now());
    this.carryOutEffects();
    this.ticker = setInterval(() => this.run((services, nowMs) => services.tick(nowMs)), TICK_MS);
  }

  get store(): ZkRmStateStore {
    return this.options.store;
  }

  get masterKey(): Buffer {
    return this.options.store.masterKey.bytes;
  }

  /** Lets the services do something, then sees to its effects. */
  run<T>(verb: (services: ActiveServices, nowMs: number) => T): T {
    try {
      return verb(this.services, Date.now());
    } finally {
      this.carryOutEffects();
    }
  }

  private carryOutEffects(): void {
    for (const effect of this.services.takeEffects()) {
      if (this.over.signal.aborted) return;
      if (effect.kind === 'note') this.options.logger.info({ ...effect.fields }, effect.message);
      else if (effect.kind === 'launch-master') void this.launch(effect);
      else void this.remember(effect);
    }
  }

  private async remember(effect: StoreEffect): Promise<void> {
    try {
      await this.store.carryOut(effect);
      if (!this.over.signal.aborted) this.run((services, nowMs) => answer(services, effect, nowMs));
    } catch (error) {
      if (error instanceof StoreShutError || this.over.signal.aborted) return;
      if (effect.kind !== 'store-application' || !isYarnError(error, 'YARN_TOO_LARGE')) throw error;
      this.run((services, nowMs) => services.applicationRejected(effect.applicationId, error.message, nowMs));
    }
  }

  private async launch(effect: Extract<RmEffect, { kind: 'launch-master' }>): Promise<void> {
    const { attemptId, grant, launch } = effect;
    const problem = await this.options.launcher.launch(attemptId, grant, launch, this.masterKey, this.over.signal);
    if (this.over.signal.aborted) return;
    this.run((services, nowMs) => {
      if (problem === null) services.masterLaunched(attemptId, nowMs);
      else services.masterLaunchFailed(attemptId, problem, nowMs);
    });
  }

  /** Ends it: no more answers, no more effects; resolves when the store has let go. */
  async end(): Promise<void> {
    clearInterval(this.ticker);
    this.over.abort();
    await this.store.close();
  }
}

function answer(services: ActiveServices, effect: StoreEffect, nowMs: number): void {
  switch (effect.kind) {
    case 'store-application':
      return services.applicationStored(effect.applicationId, nowMs);
    case 'update-application':
      return services.applicationUpdated(effect.applicationId);
    case 'store-attempt':
      return services.attemptStored(effect.attemptId);
    case 'update-attempt':
      return services.attemptUpdated(effect.attemptId, nowMs);
    case 'remove-application':
      return;
    default:
      effect satisfies never;
  }
}
