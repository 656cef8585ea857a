/** The parts of a party. */
import { Module } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import { Computation } from './compute/computation.js';
import { Results } from './compute/results.js';
import { ComputationController } from './http/computation.controller.js';

@Module({
  imports: [PatternModule.forRoot({ application: 'barrier-worker' })],
  controllers: [ComputationController],
  providers: [Results, Computation],
})
export class AppModule {}
