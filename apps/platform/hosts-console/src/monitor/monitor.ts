/** Follows who is there. A host that speaks for another one is not believed: its node must say its own name. */
import { setInterval } from 'node:timers';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  DEFAULT_VIEW,
  type HostEvent,
  hostsPaths,
  HostsView,
  type HostView,
  type Listed,
  listedSchema,
  type Machine,
  machineSchema,
  type MassLoss,
} from '@menagerie/platform-core';
import { LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { type CachedNode, ChildrenCache } from '@menagerie/zookeeper-recipes';
import type { z } from 'zod';
import type { ConsoleConfig } from '../config.js';

const TICK_MS = 200;

@Injectable()
export class Monitor implements OnModuleInit {
  private readonly machines: ChildrenCache;
  private readonly inventory: ChildrenCache;
  private readonly view: HostsView;
  private readonly timer: NodeJS.Timeout;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) { holdMs }: ConsoleConfig,
    @Inject(LOGGER) logger: Logger,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    this.view = new HostsView({ ...DEFAULT_VIEW, holdMs });
    const onFailure = (error: unknown) => logger.error({ err: error }, 'hosts are not followed any more');
    this.machines = new ChildrenCache(client, hostsPaths.machines, { onEvent: () => this.observe(), onFailure });
    this.inventory = new ChildrenCache(client, hostsPaths.inventory, { onFailure });
    this.timer = setInterval(() => this.observe(), TICK_MS);
    order.add('close', 'the view of hosts', async () => {
      clearInterval(this.timer);
      await Promise.all([this.machines.close(), this.inventory.close()]);
    });
  }

  async onModuleInit(): Promise<void> {
    await this.client.mkdirp(hostsPaths.machines);
    await this.client.mkdirp(hostsPaths.inventory);
    await Promise.all([this.machines.start(), this.inventory.start()]);
    this.observe();
  }

  /** False: the view is frozen, since nobody stands behind it. */
  get isFresh(): boolean {
    return this.machines.isFresh && this.inventory.isFresh;
  }

  hosts(): readonly HostView[] {
    return this.view.hosts(this.listed(), Date.now());
  }

  events(): readonly HostEvent[] {
    return this.view.events;
  }

  massLoss(): MassLoss | null {
    return this.view.massLoss();
  }

  confirmLosses(): void {
    this.view.confirmLosses(Date.now());
  }

  /** Nodes that are not what an agent writes, or say that they are another host. */
  liars(): readonly { readonly node: string; readonly why: string }[] {
    return [...this.machines.children].flatMap(([node, { data }]) => {
      const machine = read(data, machineSchema);
      if (machine === null) return [{ node, why: 'not what an agent writes' }];
      return machine.host === node ? [] : [{ node, why: `says that it is ${machine.host}` }];
    });
  }

  listed(): ReadonlyMap<string, Listed> {
    return parsed(this.inventory.children, listedSchema);
  }

  private observe(): void {
    // A connection that is gone is no host that is gone.
    if (!this.isFresh) return;
    const honest = [...parsed(this.machines.children, machineSchema)].filter(([node, { host }]) => node === host);
    this.view.observe(new Map<string, Machine>(honest), Date.now());
  }
}

function parsed<T>(nodes: ReadonlyMap<string, CachedNode>, schema: z.ZodType<T>): ReadonlyMap<string, T> {
  const values = new Map<string, T>();
  for (const [name, { data }] of nodes) {
    const value = read(data, schema);
    if (value !== null) values.set(name, value);
  }
  return values;
}

function read<T>(data: Buffer, schema: z.ZodType<T>): T | null {
  try {
    return schema.safeParse(JSON.parse(data.toString())).data ?? null;
  } catch {
    return null;
  }
}
