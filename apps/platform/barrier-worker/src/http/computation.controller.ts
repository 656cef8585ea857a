/** How far this party is, and what all of them came to. */
import { Controller, Get, Inject } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { Computation, type Phase } from '../compute/computation.js';
import { type Merged, Results } from '../compute/results.js';

@Controller()
export class ComputationController {
  constructor(
    @Inject(Computation) private readonly computation: Computation,
    @Inject(Results) private readonly results: Results,
  ) {}

  @Get('state')
  @Operation('waiting, computing, leaving, done')
  state(): { phase: Phase; lines: number } {
    const { phase, lines } = this.computation;
    return { phase, lines };
  }

  @Get('result')
  @Operation('all shares together; `missing` names those that nobody has finished')
  async result(): Promise<Merged> {
    return await this.results.merged();
  }
}
