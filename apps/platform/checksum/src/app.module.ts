/** The parts of a worker. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import { TasksController } from './http/tasks.controller.js';
import { Board } from './job/board.js';
import { Worker } from './job/worker.js';

@Module({
  imports: [PatternModule.forRoot({ application: 'checksum' })],
  controllers: [TasksController],
  providers: [Board, Worker],
})
export class AppModule {}
