/** Import it once, beside the platform's module. */
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DubboLifecycle } from './dubbo.lifecycle.js';
import { DUBBO_OPTIONS, type DubboOptions } from './options.js';

@Global()
@Module({})
export class DubboModule {
  static forRoot(options: DubboOptions): DynamicModule {
    return {
      module: DubboModule,
      imports: [DiscoveryModule],
      providers: [{ provide: DUBBO_OPTIONS, useValue: options }, DubboLifecycle],
      exports: [DubboLifecycle],
    };
  }
}
