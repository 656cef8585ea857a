/** Stands for election for as long as the process lives, and allocates while it leads. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type AllocatorLeader, LogsError, logsPaths, readPayload } from '@menagerie/logs-core';
import { ZooKeeperLink } from '@menagerie/logs-nest';
import { HealthRegistry, LOGGER, type Logger, METRICS, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ExclusiveLock } from '@menagerie/zookeeper-recipes';
import type { Registry } from 'prom-client';
import type { AllocatorConfig } from '../config.js';
import { EventLog } from '../reign/event-log.js';
import { Reign } from '../reign/reign.js';
import { measureReign } from '../reign/reign-metrics.js';

const RETRY_MS = 1_000;

@Injectable()
export class Election implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private current: Reign | null = null;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: AllocatorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ZooKeeperLink) private readonly link: ZooKeeperLink,
    @Inject(EventLog) private readonly events: EventLog,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
    @Inject(METRICS) registry: Registry,
  ) {
    health.add('allocator', () => ({ state: 'up', details: { role: this.current === null ? 'standby' : 'leader' } }));
    order.add('leave', 'election', async () => {
      this.stopping.abort();
      await this.loop;
    });
    measureReign(registry, () => this.current);
  }

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  /** Null while somebody else leads, or nobody. */
  get reign(): Reign | null {
    return this.current;
  }

  /** @throws LogsError `LOGS_NOT_LEADER` that says who does */
  async leading(): Promise<Reign> {
    if (this.current !== null) return this.current;
    const leader = await this.leader();
    const who = leader === null ? 'nobody leads at the moment' : `${leader.id} at ${leader.url} leads`;
    throw new LogsError('LOGS_NOT_LEADER', `expected the leading allocator; ${who}`, true);
  }

  async leader(): Promise<AllocatorLeader | null> {
    const { client } = this.link;
    if (client === null) return null;
    try {
      return readPayload.leader((await client.getData(logsPaths.leader)).data, logsPaths.leader);
    } catch (error) {
      // Between its election and its first words the node holds something else.
      if (isNoNode(error) || error instanceof LogsError) return null;
      throw error;
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const client = await this.link.firstOr(signal);
    while (client !== null && !signal.aborted) {
      try {
        await this.stand(client);
      } catch (error) {
        if (signal.aborted) return;
        this.logger.warn({ why: error instanceof Error ? error.message : String(error) }, 'leads no longer');
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async stand(client: ZooKeeperClient): Promise<void> {
    const { allocatorId, http } = this.config;
    const lock = new ExclusiveLock(client, logsPaths.allocator, { identity: allocatorId, nodeName: 'leader' });
    await using grant = await lock.acquire({ signal: this.stopping.signal });
    const words: AllocatorLeader = { id: allocatorId, url: `http://${http.host}:${http.port}`, since: Date.now() };
    await client.setData(logsPaths.leader, JSON.stringify(words));
    const until = AbortSignal.any([grant.signal, this.stopping.signal]);
    const reign = await Reign.begin(client, allocatorId, this.events, this.logger);
    this.current = reign;
    this.logger.info({ fencingToken: String(grant.fencingToken) }, 'leads');
    try {
      await reign.run(until);
    } finally {
      this.current = null;
    }
  }
}
