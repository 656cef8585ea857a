/** The naming service's parts. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import { IdTypes } from './ids/id-types.js';
import { IdsController } from './ids/ids.controller.js';
import { NameRegistry } from './names/name-registry.js';
import { NamesController } from './names/names.controller.js';

@Module({
  imports: [PatternModule.forRoot({ application: 'naming' })],
  controllers: [NamesController, IdsController],
  providers: [NameRegistry, IdTypes],
})
export class AppModule {}
