/** The allocator's parts. */
import { Module } from '@nestjs/common';
import { LogsModule } from '@menagerie/logs-nest';
import { Election } from './election/election.js';
import { AllocatorController } from './http/allocator.controller.js';
import { PictureController } from './http/picture.controller.js';
import { EventLog } from './reign/event-log.js';

@Module({
  imports: [LogsModule],
  controllers: [AllocatorController, PictureController],
  providers: [EventLog, Election],
})
export class AppModule {}
