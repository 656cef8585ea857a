/** The parts of an agent. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import { Agent } from './agent.js';
import { Commands } from './commands.js';

@Module({
  imports: [PatternModule.forRoot({ application: 'hosts-agent' })],
  providers: [Commands, Agent],
})
export class AppModule {}
