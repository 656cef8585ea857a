/** Joins decorated classes to the registry, and takes leave in order: off the list, drained, closed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { DubboRegistry } from '@menagerie/dubbo-registry';
import { Connections, DubboServer, ExportedService, Reference, UNREGISTER_GRACE_MS } from '@menagerie/dubbo-rpc';
import { isDubboError } from '@menagerie/dubbo-url';
import { HealthRegistry, LOGGER, type Logger, ServiceError, ShutdownOrder } from '@menagerie/service';
import { type DubboReferenceOptions, type DubboServiceOptions, referencesOf, serviceOf } from './decorators.js';
import { methodsOf } from './methods.js';
import { DUBBO_OPTIONS, type DubboOptions } from './options.js';

const DRAIN_MS = 5_000;

@Injectable()
export class DubboLifecycle implements OnModuleInit, OnApplicationBootstrap {
  readonly registry: DubboRegistry;
  readonly exported: ExportedService[] = [];
  readonly references: Reference[] = [];
  private readonly connections = new Connections();
  private readonly server: DubboServer;

  constructor(
    @Inject(DUBBO_OPTIONS) private readonly options: DubboOptions,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    const onProblem = (error: unknown): void =>
      logger.warn({ why: error instanceof Error ? error.message : String(error) }, 'dubbo');
    this.registry = new DubboRegistry({ ...options.registry, onProblem });
    this.server = new DubboServer({
      port: options.port ?? 0,
      ...(options.host === undefined ? {} : { host: options.host }),
      onFault: (err, method) => logger.error({ err, method }, `${method} failed`),
    });
    // Calls go on without a registry: that is a reason to look, not to be taken out.
    health.add('dubbo', () => ({
      state: this.registry.connected && this.registry.pending === 0 ? 'up' : 'degraded',
      details: {
        registered: this.exported.map(({ url }) => url.serviceKey),
        references: this.references.map(({ providers }) => providers.length),
        pending: this.registry.pending,
        active: this.server.active,
      },
    }));
    health.add('zookeeper', () => ({
      state: this.registry.connected ? 'up' : 'degraded',
      details: { session: this.registry.session?.state ?? 'connecting', sessionIds: this.sessionIds() },
    }));
    // Within a phase the last registered runs first.
    order.add('close', 'dubbo registry', () => this.registry.close());
    order.add('close', 'dubbo references', () => this.closeReferences());
    order.add('drain', 'dubbo server', () => this.server.close(DRAIN_MS));
    order.add('leave', 'dubbo services', () => this.leave());
  }

  get application(): string {
    return this.options.application;
  }

  get served(): DubboServer['served'] {
    return this.server.served;
  }

  /** Before anything else starts that might call. */
  async onModuleInit(): Promise<void> {
    for (const instance of this.instances()) {
      for (const { property, options } of referencesOf(instance.constructor)) {
        const reference = await this.refer(options);
        Object.defineProperty(instance, property, { value: reference.proxy(), configurable: true });
      }
    }
  }

  /** When all modules are ready to be called. */
  async onApplicationBootstrap(): Promise<void> {
    const services = this.instances().flatMap((instance) => {
      const options = serviceOf(instance.constructor);
      return options === undefined ? [] : [{ instance, options }];
    });
    if (services.length === 0) return;
    try {
      await this.server.listen();
      for (const { instance, options } of services) await this.offer(instance, options);
    } catch (error) {
      throw mistakeIn(error);
    }
    this.logger.info({ port: this.server.port, services: this.exported.length }, 'dubbo services are listed');
  }

  /** One more, for whoever knows only at run time what to call. */
  async refer({ interface: serviceInterface, ...options }: DubboReferenceOptions): Promise<Reference> {
    const reference = await Reference.open({
      registry: this.registry,
      connections: this.connections,
      application: this.options.application,
      serviceInterface,
      parameters: this.own,
      onProblem: (error) =>
        this.logger.warn({ why: error instanceof Error ? error.message : String(error) }, serviceInterface),
      ...options,
    });
    this.references.push(reference);
    return reference;
  }

  private async offer(instance: object, options: DubboServiceOptions): Promise<void> {
    const { interface: serviceInterface, version, group, weight, warmupMs, tag } = options;
    const named = { ...(version === undefined ? {} : { version }), ...(group === undefined ? {} : { group }) };
    const service = { serviceInterface, methods: methodsOf(instance), ...named };
    const parameters = {
      ...this.own,
      ...this.options.parameters,
      ...(weight === undefined ? {} : { weight: String(weight) }),
      ...(warmupMs === undefined ? {} : { warmup: String(warmupMs) }),
      ...(tag === undefined ? {} : { 'dubbo.tag': tag }),
    };
    const { registry, server } = this;
    const { application, host } = this.options;
    const place = { registry, server, application, parameters, ...(host === undefined ? {} : { host }) };
    this.exported.push(await ExportedService.open(service, place));
  }

  /** What every URL of this process says of it. */
  private get own(): Readonly<Record<string, string>> {
    const { httpPort } = this.options;
    return httpPort === undefined ? {} : { 'qos.port': String(httpPort) };
  }

  private sessionIds(): readonly string[] {
    const id = this.registry.session?.session?.id;
    return id === undefined ? [] : [`0x${BigInt.asUintN(64, id).toString(16)}`];
  }

  /** Calls that were sent before consumers heard of it are still answered. */
  private async leave(): Promise<void> {
    if (this.exported.length === 0) return;
    await Promise.all(this.exported.map((one) => one.unregister()));
    await sleep(UNREGISTER_GRACE_MS);
  }

  private async closeReferences(): Promise<void> {
    await Promise.all(this.references.map((one) => one.close()));
    this.connections.close();
  }

  private instances(): readonly object[] {
    const found = this.discovery
      .getProviders()
      .concat(this.discovery.getControllers())
      .map(({ instance }) => instance as unknown);
    return [...new Set(found)].filter((one): one is object => typeof one === 'object' && one !== null && one !== this);
  }
}

/** A port that is taken, or two services under one name: whoever started us can mend it, and gets one line. */
function mistakeIn(error: unknown): unknown {
  if (!isDubboError(error, 'DUBBO_BAD_REQUEST') && !isDubboError(error, 'DUBBO_DUPLICATE_SERVICE')) return error;
  return new ServiceError(error.message, { code: error.code, userMistake: true, cause: error });
}
