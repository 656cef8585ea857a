/** The server's parts. */
import { Module } from '@nestjs/common';
import { replicatorModule } from '@menagerie/replicator-nest';
import { TasksController } from './http/tasks.controller.js';
import { Tasks } from './tasks/tasks.js';

@Module({ imports: [replicatorModule('replicator-server')], controllers: [TasksController], providers: [Tasks] })
export class AppModule {}
