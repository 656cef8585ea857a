/** The agent's parts. */
import { Module } from '@nestjs/common';
import { LogsModule } from '@menagerie/logs-nest';
import { Registration } from './registration/registration.js';
import { Sources } from './source/sources.js';
import { SourcesController } from './stream/sources.controller.js';
import { Streams } from './stream/streams.js';

@Module({
  imports: [LogsModule],
  controllers: [SourcesController],
  providers: [Sources, Registration, Streams],
})
export class AppModule {}
