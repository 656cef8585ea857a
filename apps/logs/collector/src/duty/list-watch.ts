/** Registers this collector and follows the list that it is given. */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { isLogsError, logsPaths, NOTHING, readPayload } from '@menagerie/logs-core';
import { ZooKeeperLink } from '@menagerie/logs-nest';
import { HealthRegistry, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectorConfig } from '../config.js';
import { Duties } from './duties.js';
import { PauseGuard } from './pause-guard.js';

const RETRY_MS = 1_000;

@Injectable()
export class ListWatch implements OnApplicationBootstrap {
  /** An operator has taken our node away: we do nothing until we are started again. */
  decommissioned = false;
  /** Another process reports under our name, and was started after us: the name is its own. */
  replaced = false;
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private readonly path: string;

  constructor(
    @Inject(SERVICE_CONFIG) config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ZooKeeperLink) private readonly link: ZooKeeperLink,
    @Inject(Duties) private readonly duties: Duties,
    @Inject(PauseGuard) guard: PauseGuard,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    this.path = logsPaths.collector(config.collectorId);
    guard.reread = () => this.readOnce();
    health.add('list', () => ({
      state: this.decommissioned || this.replaced ? 'degraded' : 'up',
      details: {
        gen: duties.done.gen,
        sources: duties.done.sources.length,
        decommissioned: this.decommissioned,
        replaced: this.replaced,
      },
    }));
    order.add('leave', 'list', async () => {
      this.stopping.abort();
      await this.loop;
    });
  }

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  /** Ends all work, until we are started again. @param boot of the process that has our name now */
  async replace(boot: string): Promise<void> {
    this.replaced = true;
    this.logger.error({ path: this.path, boot }, 'another process reports under this name; this one ends its work');
    await this.duties.carryOut(NOTHING);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const client = await this.link.firstOr(signal);
    while (client !== null && !signal.aborted) {
      try {
        await this.register(client);
        await this.follow(client);
      } catch (error) {
        if (signal.aborted) return;
        this.logger.warn({ why: error instanceof Error ? error.message : String(error) }, 'lost sight of the list');
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** The node may be there from before: then so is the list, and it holds. */
  private async register(client: ZooKeeperClient): Promise<void> {
    if (this.decommissioned) return;
    await client.mkdirp(logsPaths.collectors);
    try {
      await client.create(this.path);
      this.logger.info({ path: this.path }, 'registered for the first time');
    } catch (error) {
      if (!isNodeExists(error)) throw error;
    }
  }

  private async follow(client: ZooKeeperClient): Promise<void> {
    for await (const { data } of client.watch(this.path, { kind: 'data', signal: this.stopping.signal })) {
      if (data === null) {
        this.decommissioned = true;
        this.logger.warn({ path: this.path }, 'decommissioned: the node is gone');
        await this.duties.carryOut(NOTHING);
      } else await this.obey(data);
    }
  }

  private async readOnce(): Promise<void> {
    const { client } = this.link;
    if (client === null) return;
    try {
      const { data } = await client.getData(this.path);
      await this.obey(data);
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
  }

  /** A list that cannot be read changes nothing: somebody's hand slipped. */
  private async obey(data: Buffer): Promise<void> {
    try {
      const list = readPayload.assignment(data, this.path);
      if (this.replaced) return;
      this.decommissioned = false;
      await this.duties.carryOut(list);
    } catch (error) {
      if (!isLogsError(error, 'LOGS_BAD_PAYLOAD')) throw error;
      this.logger.error({ why: error.message }, 'the list makes no sense; the last one holds');
    }
  }
}
