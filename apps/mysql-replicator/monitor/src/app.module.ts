/** The monitor's parts. */
import { Module } from '@nestjs/common';
import { replicatorModule } from '@menagerie/replicator-nest';
import { StatusController } from './http/status.controller.js';
import { TaskWatch } from './watch/task-watch.js';

@Module({ imports: [replicatorModule('replicator-monitor')], controllers: [StatusController], providers: [TaskWatch] })
export class AppModule {}
