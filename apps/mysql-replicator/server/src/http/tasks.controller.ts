/** Tasks over HTTP. Passwords go in and never come out. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import {
  checkName,
  DESIRED,
  parseGtid,
  ReplicatorError,
  type Task,
  type TaskRef,
  type TaskView,
} from '@menagerie/replicator-core';
import type { Comparison } from '@menagerie/replicator-mariadb';
import { Operation } from '@menagerie/platform-nest';
import { z } from 'zod';
import { edited } from '../tasks/task-change.js';
import { defaultServerId, parseTask, Tasks } from '../tasks/tasks.js';

const record = z.record(z.string(), z.unknown());

@Controller('tasks')
export class TasksController {
  constructor(@Inject(Tasks) private readonly tasks: Tasks) {}

  @Get()
  @Operation('all tasks')
  all(): Promise<readonly TaskView[]> {
    return this.tasks.all();
  }

  @Get(':name')
  @Operation('one task')
  one(@Param('name') name: string, @Query('group') group?: string): Promise<TaskView> {
    return this.tasks.one(refOf(name, group));
  }

  @Post(':name')
  @Operation('make a task; both databases are looked at first')
  make(@Param('name') name: string, @Body() body: unknown, @Query('group') group?: string): Promise<TaskView> {
    const ref = refOf(name, group);
    return this.tasks.make(ref, parseTask({ serverId: defaultServerId(ref), ...fields(body) }));
  }

  @Patch(':name')
  @Operation('change a task; "recopy": true copies its tables anew')
  edit(@Param('name') name: string, @Body() body: unknown, @Query('group') group?: string): Promise<TaskView> {
    const { recopy = false, ...changes } = fields(body);
    return this.tasks.change(refOf(name, group), (task) =>
      edited(task, parseTask(merged(task, changes)), recopy === true),
    );
  }

  @Post(':name/start')
  @HttpCode(200)
  @Operation('let it run')
  start(@Param('name') name: string, @Query('group') group?: string): Promise<TaskView> {
    return this.desire(name, group, DESIRED[0]);
  }

  @Post(':name/stop')
  @HttpCode(200)
  @Operation('let it rest, with its position kept')
  stop(@Param('name') name: string, @Query('group') group?: string): Promise<TaskView> {
    return this.desire(name, group, DESIRED[1]);
  }

  @Post(':name/recopy')
  @HttpCode(200)
  @Operation('copy its tables anew')
  recopy(@Param('name') name: string, @Query('group') group?: string): Promise<TaskView> {
    return this.tasks.change(refOf(name, group), (task) => edited(task, task, true));
  }

  @Post(':name/ddl-done')
  @HttpCode(200)
  @Operation('the change of a definition in this transaction was carried out at the target by hand')
  ddlDone(@Param('name') name: string, @Body() body: unknown, @Query('group') group?: string): Promise<TaskView> {
    const { gtid } = fields(body);
    parseGtid(String(gtid));
    return this.tasks.change(refOf(name, group), (task) => ({
      next: { ...task, ddlDone: String(gtid) },
      mustInspect: false,
    }));
  }

  @Get(':name/compare')
  @Operation('the sums of all tables on both sides')
  compare(@Param('name') name: string, @Query('group') group?: string): Promise<Comparison> {
    return this.tasks.compare(refOf(name, group));
  }

  @Delete(':name')
  @HttpCode(204)
  @Operation('forget a stopped task; what was copied stays')
  remove(@Param('name') name: string, @Query('group') group?: string): Promise<void> {
    return this.tasks.remove(refOf(name, group));
  }

  private desire(name: string, group: string | undefined, desired: Task['desired']): Promise<TaskView> {
    return this.tasks.change(refOf(name, group), (task) => ({ next: { ...task, desired }, mustInspect: false }));
  }
}

const refOf = (name: string, group?: string): TaskRef => ({
  group: group === undefined ? null : checkName(group, 'a group'),
  name: checkName(name, 'a task'),
});

function fields(body: unknown): Record<string, unknown> {
  const parsed = record.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new ReplicatorError('REPLICATOR_BAD_REQUEST', 'expected a JSON object');
}

/** Of the two databases, what is not given stays. */
const merged = (task: Task, changes: Record<string, unknown>): unknown => ({
  ...task,
  ...changes,
  source: { ...task.source, ...(changes['source'] as object | undefined) },
  target: { ...task.target, ...(changes['target'] as object | undefined) },
  copy: task.copy,
});
