/** The one import: a session, the recipes, and what the decorators ask for. */
import { Global, Logger, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { hostname } from 'node:os';
import { ZOOKEEPER_CLIENT, ZOOKEEPER_MEMBER, ZOOKEEPER_OPTIONS } from './constants.js';
import { EmbeddedMember } from './ensemble/embedded-member.js';
import { ZooKeeperExplorer } from './explorer/explorer.js';
import { ZooKeeperHealthIndicator } from './health/zookeeper.health.js';
import { ZooKeeperLifecycle } from './lifecycle/zookeeper.lifecycle.js';
import { ZooKeeperMetrics } from './metrics.js';
import {
  resolveOptions,
  type ResolvedOptions,
  type ZooKeeperModuleAsyncOptions,
  type ZooKeeperModuleOptions,
} from './options.js';
import { ZooKeeperRecipes } from './recipes.service.js';

/** Replicas that start together wait for each other: a majority must be up before there is a session. */
const CONNECT_WITH_MEMBER_MS = 120_000;

const parts: Provider[] = [
  { provide: ZOOKEEPER_MEMBER, useFactory: startMember, inject: [ZOOKEEPER_OPTIONS] },
  { provide: ZOOKEEPER_CLIENT, useFactory: connect, inject: [ZOOKEEPER_OPTIONS, ZOOKEEPER_MEMBER] },
  ZooKeeperLifecycle,
  ZooKeeperRecipes,
  ZooKeeperMetrics,
  ZooKeeperHealthIndicator,
  ZooKeeperExplorer,
];

@Global()
@Module({})
export class ZooKeeperModule {
  static forRoot(options: ZooKeeperModuleOptions): DynamicModule {
    return ZooKeeperModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync({ imports = [], useFactory, inject = [] }: ZooKeeperModuleAsyncOptions): DynamicModule {
    const options: Provider = {
      provide: ZOOKEEPER_OPTIONS,
      useFactory: async (...args: unknown[]) => resolveOptions(await useFactory(...args), hostname(), process.pid),
      inject,
    };
    return {
      module: ZooKeeperModule,
      imports: [...imports, DiscoveryModule],
      providers: [options, ...parts],
      exports: [ZOOKEEPER_CLIENT, ZooKeeperRecipes, ZooKeeperHealthIndicator, ZooKeeperExplorer],
    };
  }
}

async function startMember({ ensemble }: ResolvedOptions): Promise<EmbeddedMember | null> {
  if (ensemble === undefined) return null;
  const logger = new Logger('ZooKeeper');
  return await EmbeddedMember.start(ensemble, (error) => logger.error(error.message));
}

/** What the options say beyond the module's own is the client's. */
async function connect(options: ResolvedOptions, member: EmbeddedMember | null): Promise<ZooKeeperClient> {
  const { ensemble: _ensemble, application: _application, instance: _instance, root: _root, ...rest } = options;
  const patience = member === null ? {} : { connectTimeoutMs: CONNECT_WITH_MEMBER_MS };
  try {
    return await ZooKeeper.connect({ ...patience, ...rest });
  } catch (error) {
    // Nest will not call our shutdown: this module never came to be.
    await member?.close();
    throw error;
  }
}
