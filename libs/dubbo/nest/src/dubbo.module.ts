/** Import it once, beside the platform's module. */
import { type DynamicModule, type FactoryProvider, Global, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DubboLifecycle } from './dubbo.lifecycle.js';
import { DUBBO_OPTIONS, type DubboOptions } from './options.js';
import { TrafficController } from './traffic.controller.js';

@Global()
@Module({})
export class DubboModule {
  static forRoot(options: DubboOptions): DynamicModule {
    return DubboModule.with({ provide: DUBBO_OPTIONS, useValue: options });
  }

  /** Options made of what is injected: of `SERVICE_CONFIG`, for instance. */
  static forRootAsync(how: Pick<FactoryProvider<DubboOptions>, 'inject' | 'useFactory'>): DynamicModule {
    return DubboModule.with({ provide: DUBBO_OPTIONS, ...how });
  }

  private static with(options: Provider): DynamicModule {
    return {
      module: DubboModule,
      imports: [DiscoveryModule],
      controllers: [TrafficController],
      providers: [options, DubboLifecycle],
      exports: [DubboLifecycle],
    };
  }
}
