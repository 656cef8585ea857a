/** The one import that gives a Nest application its health, metrics, logger, config and order of shutdown. */
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';

import { HealthRegistry } from './health/health-registry.js';
import { HealthController } from './health/health.controller.js';
import { LOGGER, METRICS, SERVICE_CONFIG, SERVICE_IDENTITY, type ServiceIdentity } from './identity.js';
import { createLogger, type Logger } from './logging/logger.js';
import { createMetrics, MetricsController } from './metrics/metrics.controller.js';
import { HOST_PROCESS, hostProcess } from './host-process.js';
import { ShutdownOrder, StopPhase } from './shutdown/shutdown-order.js';

export interface PlatformOptions extends ServiceIdentity {
  /** What `@Inject(SERVICE_CONFIG)` gives. */
  readonly config: object;
  /** By default one is made that writes to stdout. */
  readonly logger?: Logger;
}

@Global()
@Module({})
export class PlatformModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(@Inject(ShutdownOrder) private readonly order: ShutdownOrder) {}

  static forRoot(options: PlatformOptions): DynamicModule {
    const { name, instance } = options;
    const identity: ServiceIdentity = { name, ...(instance === undefined ? {} : { instance }) };
    return {
      module: PlatformModule,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, MetricsController],
      providers: [
        HealthRegistry,
        ShutdownOrder,
        { provide: SERVICE_IDENTITY, useValue: identity },
        { provide: SERVICE_CONFIG, useValue: options.config },
        { provide: LOGGER, useFactory: () => options.logger ?? createLogger(identity) },
        { provide: METRICS, useFactory: () => createMetrics(identity) },
        { provide: HOST_PROCESS, useFactory: hostProcess, inject: [ShutdownOrder, HealthRegistry, METRICS] },
      ],
      exports: [HealthRegistry, ShutdownOrder, SERVICE_IDENTITY, SERVICE_CONFIG, LOGGER, METRICS, HOST_PROCESS],
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.order.run(StopPhase.leave);
  }

  /** Nest has closed the HTTP server by now. */
  async onApplicationShutdown(): Promise<void> {
    await this.order.run(StopPhase.drain);
    await this.order.run(StopPhase.close);
  }
}
