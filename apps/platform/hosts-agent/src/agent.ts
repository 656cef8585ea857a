/**
 * The host's node: ephemeral, with figures, made again with each session. Another machine's node under the same name is
 * never touched: the clash is reported by /health, and the name is had once the other is gone.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { hostsPaths, type Machine, machineSchema, messageOf } from '@menagerie/platform-core';
import { HealthRegistry, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { PersistentNode } from '@menagerie/zookeeper-recipes';
import { Commands, UPGRADED_EXIT_CODE } from './commands.js';
import type { AgentConfig } from './config.js';
import { measure } from './figures.js';

const RESTART_GRACE_MS = 300;

@Injectable()
export class Agent implements OnApplicationBootstrap {
  private readonly bootId = randomUUID().slice(0, 8);
  private readonly stopping = new AbortController();
  private readonly node: PersistentNode;
  private running: Promise<unknown> = Promise.resolve();
  /** Who has our name, when it is another. */
  private clash: string | null = null;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: AgentConfig,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) private readonly order: ShutdownOrder,
  ) {
    this.node = new PersistentNode(client, hostsPaths.machine(config.host), JSON.stringify(this.machine()), {
      onFailure: (error) => logger.error({ err: error }, 'the host is not registered any more'),
    });
    health.add('host', () => ({
      state: this.node.isPresent ? 'up' : 'degraded',
      details: {
        host: config.host,
        version: config.version,
        ...(this.clash === null ? {} : { code: 'HOSTS_NAME_TAKEN', clash: this.clash }),
      },
    }));
    order.add('leave', 'the host', async () => {
      this.stopping.abort();
      await this.running;
      await this.node.close();
    });
  }

  onApplicationBootstrap(): void {
    this.node.start();
    const { signal } = this.stopping;
    this.running = Promise.all([this.report(signal), this.obey(signal)]);
  }

  private async report(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.node.setData(JSON.stringify(this.machine()));
      await this.look().catch((error: unknown) => this.logger.warn({ why: messageOf(error) }, 'could not look'));
      await sleep(this.config.figuresMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async obey(signal: AbortSignal): Promise<void> {
    try {
      await this.commands.follow(signal, () => {
        this.node.setData(JSON.stringify(this.machine()));
        if (this.commands.upgradedTo !== null) void this.restart();
      });
    } catch (error) {
      this.logger.error({ err: error }, 'commands are not followed any more');
    }
  }

  /** Ends in order; a supervisor starts it again, and then it is the new version. */
  private async restart(): Promise<void> {
    await sleep(RESTART_GRACE_MS);
    await this.order.run('leave');
    await this.order.run('close');
    process.exit(UPGRADED_EXIT_CODE);
  }

  private async look(): Promise<void> {
    this.clash = null;
    if (this.node.isPresent) return;
    try {
      const { data } = await this.client.getData(hostsPaths.machine(this.config.host));
      const other = machineSchema.safeParse(JSON.parse(data.toString())).data;
      if (other === undefined || other.bootId === this.bootId) return;
      this.clash = `expected to be the only ${this.config.host}, and boot ${other.bootId} (pid ${other.pid}) is it`;
      this.logger.warn({ clash: this.clash }, 'another machine has this name');
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
  }

  private machine(): Machine {
    const { host, version, dataDir } = this.config;
    const { acknowledged, draining } = this.commands;
    const own = { host, bootId: this.bootId, pid: process.pid, atMs: Date.now(), version };
    return { ...own, ...measure(dataDir), draining, acknowledged };
  }
}
