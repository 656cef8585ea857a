/**
 * Finds what the application's classes have declared, and brings it about.
 *
 * Configuration first, before the application starts (`onModuleInit`), so that nobody sees a property without its value.
 * Leadership and schedules when everything is there (`onApplicationBootstrap`); registrations when the HTTP server
 * listens, since a service that is found must answer.
 */
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import { ClusterCron, fromCroner, type Leadership, type Tick } from '@menagerie/zookeeper-recipes';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { Cron } from 'croner';
import type { Server } from 'node:http';
import { ZOOKEEPER_CLIENT, ZOOKEEPER_OPTIONS } from '../constants.js';
import { declaredBy, type Declared } from '../decorators.js';
import { ZooKeeperModuleError } from '../errors.js';
import { LeaderRole } from '../lifecycle/roles.js';
import { ZooKeeperLifecycle } from '../lifecycle/zookeeper.lifecycle.js';
import { ZooKeeperMetrics } from '../metrics.js';
import type { ResolvedOptions } from '../options.js';
import { ZooKeeperRecipes } from '../recipes.service.js';
import { followValue } from './follow-value.js';

type Methods = Record<string, (argument: unknown) => unknown>;

@Injectable()
export class ZooKeeperExplorer implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger('ZooKeeper');
  private readonly elections = new Map<string, LeaderRole>();

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(ZOOKEEPER_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(HttpAdapterHost) private readonly http: HttpAdapterHost,
    @Inject(ZooKeeperLifecycle) private readonly lifecycle: ZooKeeperLifecycle,
    @Inject(ZooKeeperRecipes) private readonly recipes: ZooKeeperRecipes,
    @Inject(ZooKeeperMetrics) private readonly metrics: ZooKeeperMetrics,
  ) {}

  /** @throws ZooKeeperModuleError when a value without a fallback is not there */
  async onModuleInit(): Promise<void> {
    for (const { instance, declared } of this.declarations()) {
      for (const value of declared.configValues) {
        const path = value.path.startsWith('/') ? value.path : `/config/${this.options.application}/${value.path}`;
        const set = (read: unknown) => void ((instance as Record<string, unknown>)[value.property] = read);
        this.lifecycle.addFollower(await followValue(this.client, { ...value, path, set, logger: this.logger }));
      }
    }
  }

  onApplicationBootstrap(): void {
    for (const { instance, declared } of this.declarations()) {
      const methods = instance as Methods;
      const call = (method: string) => async (argument: Leadership | Tick) => await methods[method]?.(argument);
      for (const { method, election = 'main' } of declared.onLeader) this.election(election).add(call(method));
      for (const job of declared.oncePerCluster) this.schedule(instance, job, call(job.method));
      for (const registration of declared.registrations) this.register(registration);
    }
    for (const election of this.elections.values()) election.start();
  }

  /** Whether this replica leads the election at this moment. */
  leads(election = 'main'): boolean {
    return this.elections.get(election)?.leads ?? false;
  }

  private *declarations(): Generator<{ readonly instance: object; readonly declared: Declared }> {
    const seen = new Set<object>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const instance = wrapper.instance as unknown;
      if (typeof instance !== 'object' || instance === null || seen.has(instance)) continue;
      if (!wrapper.isDependencyTreeStatic()) continue;
      seen.add(instance);
      yield { instance, declared: declaredBy(instance) };
    }
  }

  private election(name: string): LeaderRole {
    const known = this.elections.get(name);
    if (known) return known;
    const { root, instance } = this.options;
    const path = `${root}/elections/${name}`;
    const role = new LeaderRole(this.client, path, instance, `the election ${name}`, {
      change: (change) => {
        this.metrics.leader.set({ election: name }, change.leader ? 1 : 0);
        this.logger.log(change.leader ? `leads ${name}` : `does not lead ${name}: ${change.why}`);
      },
      failure: (error) => this.logger.error(`${name}: ${messageOf(error)}`),
    });
    this.elections.set(name, role);
    this.lifecycle.addRole(role);
    return role;
  }

  private schedule(
    instance: object,
    job: Declared['oncePerCluster'][number],
    run: (tick: Tick) => Promise<unknown>,
  ): void {
    const name = job.name ?? `${instance.constructor.name}.${job.method}`;
    const cron = new ClusterCron(
      this.client,
      name,
      fromCroner(cronOf(job.pattern, job.timeZone, name)),
      async (tick) => void (await run(tick)),
      {
        root: `${this.options.root}/cron`,
        identity: this.options.instance,
        ...(job.graceMs === undefined ? {} : { graceMs: job.graceMs }),
        onRan: () => this.metrics.ticks.inc({ job: name, outcome: 'ok' }),
        onFailure: (error, fireTime) => {
          this.metrics.ticks.inc({ job: name, outcome: 'failed' });
          this.logger.error(`${name} at ${fireTime.toISOString()}: ${messageOf(error)}`);
        },
      },
    );
    cron.start();
    this.lifecycle.addRole({ name: `the job ${name}`, close: () => cron.close() });
  }

  private register(declared: Declared['registrations'][number]): void {
    const { service, id = this.options.instance, address = '127.0.0.1', port, payload } = declared;
    const begin = (at: number) => {
      if (this.lifecycle.isLeaving) return;
      const instance = { name: service, id, address, port: at, ...(payload === undefined ? {} : { payload }) };
      const onFailure = (error: unknown) => this.logger.error(`registering ${service}: ${messageOf(error)}`);
      const registration = this.recipes.discovery.register(instance, { onFailure });
      this.lifecycle.addRole({ name: `the registration of ${service}`, close: () => registration.withdraw() });
    };
    if (port !== undefined) return begin(port);
    const server = this.http.httpAdapter?.getHttpServer() as Server | undefined;
    if (typeof server?.once !== 'function') {
      const message = `@Register(${service}): expected a port, since there is no HTTP server to take it from`;
      throw new ZooKeeperModuleError('ZOOKEEPER_MODULE_DECORATOR', message);
    }
    server.once('listening', () => {
      const listens = server.address();
      if (typeof listens === 'object' && listens !== null) begin(listens.port);
    });
  }
}

function cronOf(pattern: string, timeZone: string | undefined, job: string): Cron {
  try {
    return new Cron(pattern, { paused: true, timezone: timeZone ?? 'UTC' });
  } catch (error) {
    const message = `@OncePerCluster of ${job}: expected a cron pattern, got "${pattern}": ${messageOf(error)}`;
    throw new ZooKeeperModuleError('ZOOKEEPER_MODULE_DECORATOR', message, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
