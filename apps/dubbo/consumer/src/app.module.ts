/** The consumer's parts. */
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { DubboModule } from '@menagerie/dubbo-nest';
import { type DubboErrorCode, isDubboError } from '@menagerie/dubbo-url';
import { errorAnswers, SERVICE_CONFIG } from '@menagerie/service';
import type { ConsumerConfig } from './config.js';
import { Front } from './front/front.js';
import { InvokeController } from './http/invoke.controller.js';
import { ProductsController } from './http/products.controller.js';

const statuses: Partial<Record<DubboErrorCode, number>> = {
  DUBBO_BUSINESS: 422,
  DUBBO_BAD_REQUEST: 400,
  DUBBO_UNKNOWN_METHOD: 404,
  DUBBO_TOO_LARGE: 413,
  DUBBO_TIMEOUT: 504,
  DUBBO_BAD_ANSWER: 502,
};

@Module({
  imports: [
    DubboModule.forRootAsync({
      inject: [SERVICE_CONFIG],
      useFactory: (config: ConsumerConfig) => ({
        application: 'front',
        registry: {
          connect: config.zkConnect,
          sessionTimeoutMs: config.sessionTimeoutMs,
          discovery: config.discovery,
          cacheFile: join(config.dataDir, 'registry.json'),
        },
        httpPort: config.http.port,
      }),
    }),
  ],
  controllers: [ProductsController, InvokeController],
  providers: [Front, errorAnswers({ system: 'DUBBO', statuses, isKnown: (error) => isDubboError(error) })],
})
export class AppModule {}
