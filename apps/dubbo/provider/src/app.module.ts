/** The provider's parts. */
import { Module } from '@nestjs/common';
import { DubboModule } from '@menagerie/dubbo-nest';
import { SERVICE_CONFIG } from '@menagerie/service';
import { CatalogueService } from './catalogue/catalogue.service.js';
import type { ProviderConfig } from './config.js';

@Module({
  imports: [
    DubboModule.forRootAsync({
      inject: [SERVICE_CONFIG],
      useFactory: (config: ProviderConfig) => ({
        application: 'catalogue',
        registry: {
          connect: config.zkConnect,
          sessionTimeoutMs: config.sessionTimeoutMs,
          registerMode: config.registerMode,
        },
        host: config.http.host,
        port: config.rpcPort,
        httpPort: config.http.port,
        parameters: config.parameters,
      }),
    }),
  ],
  providers: [CatalogueService],
})
export class AppModule {}
