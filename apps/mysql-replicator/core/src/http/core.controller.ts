/** What a core says of itself to whoever asks. */
import { Controller, Get, Inject } from '@nestjs/common';
import { type CoreView, formatFence, taskKey } from '@menagerie/replicator-core';
import { Operation } from '@menagerie/platform-nest';
import { SERVICE_CONFIG } from '@menagerie/service';
import type { CoreConfig } from '../config.js';
import { ColdDuty } from '../duty/cold-duty.js';
import { Duties } from '../duty/duties.js';

@Controller('core')
export class CoreController {
  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: CoreConfig,
    @Inject(Duties) private readonly duties: Duties,
  ) {}

  @Get()
  @Operation('what it stands for, what it runs, and how often it was refused')
  view(): CoreView {
    return {
      host: this.config.id,
      mode: this.config.mode,
      ...this.duties.counts,
      duties: this.duties.all.map((duty) => {
        const { state, run, notifications } = duty;
        const { node, phase } = state;
        const scanned = duty instanceof ColdDuty ? duty.state : null;
        const task = duty instanceof ColdDuty ? (scanned?.tasks[scanned.at] ?? null) : taskKey(duty.nodes.ref);
        return {
          task: scanned === null || task === null ? task : taskKey({ group: this.config.group, name: task }),
          phase,
          instance: node?.name ?? null,
          fence: node === null ? null : formatFence(node.fence),
          rounds: scanned?.rounds ?? 0,
          notifications,
          progress: run?.progress ?? null,
          problem: run?.problem ? { code: run.problem.code, message: run.problem.message } : null,
        };
      }),
    };
  }
}
