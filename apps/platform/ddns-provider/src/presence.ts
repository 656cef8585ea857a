/** Registers while the process serves, reports, and withdraws in the end. */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ProviderPresence } from '@menagerie/platform-sdk';
import { HealthRegistry, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import type { ProviderConfig } from './config.js';

@Injectable()
export class Presence implements OnApplicationBootstrap {
  private readonly presence: ProviderPresence;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) config: ProviderConfig,
    @Inject(LOGGER) logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    const { app, domain, register, reportMs, http } = config;
    const address = `${http.host}:${http.port}`;
    this.presence = new ProviderPresence(client, {
      app,
      domain,
      address,
      register,
      reportMs,
      onFailure: (why) => logger.warn({ why }, 'could not register or report; goes on trying'),
    });
    health.add('presence', () => ({ state: 'up', details: { registered: this.presence.isRegistered } }));
    order.add('leave', 'the name', () => this.presence.withdraw());
  }

  onApplicationBootstrap(): void {
    this.presence.start();
  }
}
