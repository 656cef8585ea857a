/** The broker as a part of the application: started with it, stopped in the application's order. */
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HealthRegistry, HealthState, LOGGER, METRICS, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import type { Logger } from '@menagerie/service';
import type { Registry } from 'prom-client';

import { BrokerMetrics } from './admin/broker-metrics.js';
import { Broker } from './broker.js';
import type { BrokerConfig } from './config/broker-config.js';

@Injectable()
export class KafkaBroker implements OnModuleInit {
  private running: Broker | null = null;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: BrokerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) private readonly registry: Registry,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
    @Inject(ShutdownOrder) private readonly order: ShutdownOrder,
  ) {}

  get broker(): Broker | null {
    return this.running;
  }

  async onModuleInit(): Promise<void> {
    const { config, logger } = this;
    for (const key of config.unknownKeys) logger.warn(`${key} means nothing to this broker`);
    const broker = await Broker.start({
      config,
      logger,
      metrics: new BrokerMetrics(this.registry),
      // A broker that can not be registered again serves nobody: whoever started us starts us again.
      onFatal: (error) => {
        throw error;
      },
    });
    this.running = broker;
    this.order.add('leave', 'leaderships', () => broker.leave());
    this.order.add('close', 'broker', () => broker.close());
    this.health.add('zookeeper', () => {
      const { state, session } = broker.parts.zk.client;
      const sessionIds = session === null ? [] : [`0x${BigInt.asUintN(64, session.id).toString(16)}`];
      return { state: state === 'connected' ? HealthState.up : HealthState.degraded, details: { state, sessionIds } };
    });
    this.health.add('broker', () => ({
      state: broker.parts.cache.broker(broker.parts.brokerId) === undefined ? HealthState.degraded : HealthState.up,
      details: { controller: broker.parts.controller.controllerId, listeners: broker.addresses },
    }));
  }
}
