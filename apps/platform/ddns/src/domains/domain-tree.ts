/** All domains, followed: a look-up asks nobody, and a change is here as soon as the ensemble has told of it. */
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  ddnsPaths,
  domainOf,
  listOf,
  type Overrides,
  readOverrides,
  type Target,
  targetsOf,
} from '@menagerie/platform-core';
import { HealthRegistry, LOGGER, type Logger, ShutdownOrder } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { TreeCache } from '@menagerie/zookeeper-recipes';

export interface Domain {
  readonly app: string;
  readonly domain: string;
  readonly addresses: readonly string[];
  readonly overrides: Overrides;
  readonly targets: readonly Target[];
}

/** `/DDNS/<app>/<domain>/overrides` */
const DEPTH = 3;

@Injectable()
export class DomainTree implements OnModuleInit {
  private readonly tree: TreeCache;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(LOGGER) logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    this.tree = new TreeCache(client, ddnsPaths.root, {
      maxDepth: DEPTH,
      onFailure: (error) => logger.error({ err: error }, 'domains are not followed any more'),
    });
    health.add('domains', () => ({ state: this.tree.isFresh ? 'up' : 'degraded', details: { nodes: this.tree.size } }));
    order.add('close', 'the domains', () => this.tree.close());
  }

  async onModuleInit(): Promise<void> {
    await this.client.mkdirp(ddnsPaths.owners);
    await this.tree.start();
  }

  /** Whether a server stands behind it at this moment; if not, what was known last is given. */
  get isFresh(): boolean {
    return this.tree.isFresh;
  }

  /** Null for a name that nobody has. */
  find(name: string): Domain | null {
    const domain = domainOf(name);
    const owner = domain === null ? null : this.tree.get(ddnsPaths.owner(domain));
    if (domain === null || owner === null) return null;
    const app = owner.data.toString();
    const node = this.tree.get(ddnsPaths.domain(app, domain));
    if (node === null) return null;
    const overrides = readOverrides(this.tree.get(ddnsPaths.overrides(app, domain))?.data.toString() ?? '');
    const text = node.data.toString();
    return { app, domain, addresses: listOf(text), overrides, targets: targetsOf(text, overrides) };
  }

  all(): readonly Domain[] {
    return this.tree
      .childrenOf(ddnsPaths.owners)
      .map((name) => this.find(name))
      .filter((found) => found !== null);
  }
}
