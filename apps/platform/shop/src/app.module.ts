/** The shop's parts. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import type { ShopConfig } from './config.js';
import { LiveConfig } from './database/live-config.js';
import { SwitchedPool } from './database/switched-pool.js';
import { OrdersController } from './http/orders.controller.js';

@Module({
  imports: [
    PatternModule.forRoot<ShopConfig>({
      application: 'shop',
      auth: ({ credentials }) => [{ scheme: 'digest', credentials }],
    }),
  ],
  controllers: [OrdersController],
  providers: [SwitchedPool, LiveConfig],
})
export class AppModule {}
