/** What the monitor has seen. */
import { Controller, Get, Inject } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import type { TaskStatusView } from '@menagerie/replicator-core';
import { TaskWatch } from '../watch/task-watch.js';

@Controller('tasks')
export class StatusController {
  constructor(@Inject(TaskWatch) private readonly watch: TaskWatch) {}

  @Get()
  @Operation('every task: its instances, who runs it, how far it is, since when it is uncovered')
  all(): readonly TaskStatusView[] {
    return this.watch.all;
  }
}
