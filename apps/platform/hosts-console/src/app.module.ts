/** The parts of the console. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import { HostsController } from './http/hosts.controller.js';
import { Monitor } from './monitor/monitor.js';
import { Orders } from './monitor/orders.js';

@Module({
  imports: [PatternModule.forRoot({ application: 'hosts-console' })],
  controllers: [HostsController],
  providers: [Monitor, Orders],
})
export class AppModule {}
