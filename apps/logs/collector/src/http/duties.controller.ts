/** What a collector says of itself to whoever asks. */
import { Controller, Get, Inject } from '@nestjs/common';
import type { DutiesView } from '@menagerie/logs-core';
import { Duties } from '../duty/duties.js';
import { PauseGuard } from '../duty/pause-guard.js';
import { Pullers } from '../pull/pullers.js';
import { Reporter } from '../report/reporter.js';

@Controller('duties')
export class DutiesController {
  constructor(
    @Inject(Duties) private readonly duties: Duties,
    @Inject(Pullers) private readonly pullers: Pullers,
    @Inject(Reporter) private readonly reporter: Reporter,
    @Inject(PauseGuard) private readonly guard: PauseGuard,
  ) {}

  @Get()
  duty(): DutiesView {
    const pullers = [...this.pullers.all()];
    return {
      list: this.duties.done,
      status: this.reporter.status(),
      confirmed: this.reporter.confirmed,
      pauses: this.guard.pauses,
      fenced: pullers.filter(([, puller]) => puller.fenced).map(([source]) => source),
      refusals: this.pullers.refusals,
      lostBytes: pullers.reduce((sum, [, { lostBytes }]) => sum + lostBytes, 0),
    };
  }
}
