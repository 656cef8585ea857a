/** The core's parts. */
import { Module } from '@nestjs/common';
import { replicatorModule } from '@menagerie/replicator-nest';
import { Duties } from './duty/duties.js';
import { CoreController } from './http/core.controller.js';

@Module({
  imports: [replicatorModule('replicator-core')],
  controllers: [CoreController],
  providers: [Duties],
})
export class AppModule {}
