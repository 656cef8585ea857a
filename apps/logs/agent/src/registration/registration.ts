/** Says in the tree which sources this agent serves, and where; again in each new session, in case somebody took it away. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { logsPaths, type Source } from '@menagerie/logs-core';
import { ZooKeeperLink } from '@menagerie/logs-nest';
import { LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { AgentConfig } from '../config.js';
import { Sources } from '../source/sources.js';

const LOOK_EVERY_MS = 1_000;

@Injectable()
export class Registration implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  /** Said in this session already. */
  private readonly said = new Set<string>();

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: AgentConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ZooKeeperLink) private readonly link: ZooKeeperLink,
    @Inject(Sources) private readonly sources: Sources,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    order.add('leave', 'registration', async () => {
      this.stopping.abort();
      await this.loop;
    });
  }

  onApplicationBootstrap(): void {
    this.loop = this.run().catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const client = await this.link.firstOr(signal);
    if (client === null) return;
    const unsubscribe = client.on('session', () => this.said.clear());
    try {
      while (!signal.aborted) {
        await this.sayAll(client);
        await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      unsubscribe();
    }
  }

  private async sayAll(client: ZooKeeperClient): Promise<void> {
    for (const { source, path, missingSinceMs } of this.sources.all()) {
      // A file that has gone is not announced anew: an operator may have taken its source away.
      if (this.said.has(source) || missingSinceMs !== null || this.stopping.signal.aborted) continue;
      try {
        await this.say(client, source, path);
        this.said.add(source);
      } catch (error) {
        this.logger.warn({ source, why: String(error) }, 'could not be registered; tried again');
        return;
      }
    }
  }

  private async say(client: ZooKeeperClient, source: string, path: string): Promise<void> {
    const { agentId, http, rateClass, rack } = this.config;
    const agent = `${http.host}:${http.port}`;
    const where = rack === undefined ? {} : { rack };
    const payload: Source = { host: agentId, agent, path, rate: rateClass, ...where };
    const data = JSON.stringify(payload);
    const node = logsPaths.source(source);
    try {
      await client.setData(node, data);
      return;
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
    await client.mkdirp(logsPaths.sources);
    try {
      await client.create(node, data);
    } catch (error) {
      if (!isNodeExists(error)) throw error;
      await client.setData(node, data);
    }
  }
}
