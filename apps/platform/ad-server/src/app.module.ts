/** The parts of an ad server. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import { Audiences } from './audience/audiences.js';
import { AudienceController } from './http/audience.controller.js';

@Module({
  imports: [PatternModule.forRoot({ application: 'ad-server' })],
  controllers: [AudienceController],
  providers: [Audiences],
})
export class AppModule {}
