/** The console: gives the order, shows who is how far, and the sums. */
import { statSync } from 'node:fs';
import { Body, Controller, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { PatternError } from '@menagerie/platform-core';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { Board, type Order, orderSchema, type Progress } from '../job/board.js';
import { Worker } from '../job/worker.js';

const task = z.string().regex(/^[\w-]{1,64}$/, 'expected a word');
const shares = z.object({
  shares: z
    .string()
    .regex(/^\d{1,2}$/, 'expected a number')
    .transform(Number),
});

@Controller()
export class TasksController {
  constructor(
    @Inject(Board) private readonly board: Board,
    @Inject(Worker) private readonly worker: Worker,
  ) {}

  @Put('order')
  @Operation('what all workers do from now on; `paused` stops them', orderSchema)
  async order(@Body(checked(orderSchema)) order: Order): Promise<{ version: number }> {
    // Workers see the same files as the console does: what is no folder here is none for them.
    if (!isFolder(order.folder)) {
      throw new PatternError('TASK_NO_FOLDER', `expected a folder of files, got "${order.folder.slice(0, 200)}"`);
    }
    return { version: await this.board.publish(order) };
  }

  @Get('tasks/:task/progress')
  @Operation('who works, and how far he is')
  async progress(@Param('task', checked(task)) which: string): Promise<readonly Progress[]> {
    return await this.board.progress(which);
  }

  @Get('tasks/:task')
  @Operation('the sums so far, and whether that is all')
  async result(
    @Param('task', checked(task)) which: string,
    @Query(checked(shares)) { shares: count }: z.infer<typeof shares>,
  ): Promise<{ done: boolean; sums: Readonly<Record<string, string>> }> {
    const all = await Promise.all(Array.from({ length: count }, (_, share) => this.board.checkpoint(which, share)));
    const sums = Object.assign({}, ...all.map((each) => each.sums)) as Record<string, string>;
    if (Object.keys(sums).length === 0 && (await this.board.progress(which)).length === 0) {
      throw new PatternError('TASK_UNKNOWN', `expected a task that somebody works on, got "${which}"`);
    }
    return { done: all.every((each) => each.done), sums };
  }

  @Get('worker')
  @Operation('which order this worker obeys, whether it works on it, and what it has done')
  own(): { order: number | null; busy: boolean; summed: number } {
    const { order, busy, summed } = this.worker;
    return { order, busy, summed };
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
