/** The parts of a worker. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import { QueueController } from './http/queue.controller.js';
import { Ledger } from './items/ledger.js';
import { Tries } from './items/tries.js';
import { Worker } from './items/worker.js';

@Module({
  imports: [PatternModule.forRoot({ application: 'work-queue' })],
  controllers: [QueueController],
  providers: [Ledger, Tries, Worker],
})
export class AppModule {}
