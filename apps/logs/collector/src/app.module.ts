/** The collector's parts. */
import { Module } from '@nestjs/common';
import { LogsModule } from '@menagerie/logs-nest';
import { DutiesController } from './http/duties.controller.js';
import { Duties } from './duty/duties.js';
import { ListWatch } from './duty/list-watch.js';
import { PauseGuard } from './duty/pause-guard.js';
import { Pullers } from './pull/pullers.js';
import { Reporter } from './report/reporter.js';

@Module({
  imports: [LogsModule],
  controllers: [DutiesController],
  providers: [PauseGuard, Pullers, Duties, Reporter, ListWatch],
})
export class AppModule {}
