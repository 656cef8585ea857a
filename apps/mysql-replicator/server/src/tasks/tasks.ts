/** All tasks, as they stand in the tree. What is written here is what cores obey: each watches its own. */
import { Inject, Injectable } from '@nestjs/common';
import {
  isName,
  readPayload,
  replicatorPaths,
  ReplicatorError,
  type Task,
  taskKey,
  type TaskRef,
  taskSchema,
  type TaskView,
  withoutSecrets,
} from '@menagerie/replicator-core';
import { compareTask, type Comparison, inspectTask } from '@menagerie/replicator-mariadb';
import { type Access, accessOf, makeTask, type ReplicatorConfig } from '@menagerie/replicator-nest';
import { SERVICE_CONFIG } from '@menagerie/service';
import { isBadVersion, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import type { TaskChange } from './task-change.js';

const MAX_GROUPS = 1_000;
const MAX_TASKS = 1_000;
const MAX_TRIES = 10;

@Injectable()
export class Tasks {
  private readonly access: Access;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) config: ReplicatorConfig,
  ) {
    this.access = accessOf(config.credentials);
  }

  async all(): Promise<readonly TaskView[]> {
    const views: TaskView[] = [];
    for (const ref of await this.refs()) {
      const found = await this.read(ref).catch((error: unknown) => {
        if (error instanceof ReplicatorError) return null;
        throw error;
      });
      if (found !== null) views.push({ task: taskKey(ref), version: found.version, spec: withoutSecrets(found.task) });
    }
    return views;
  }

  /** @throws ReplicatorError `REPLICATOR_UNKNOWN_TASK` */
  async one(ref: TaskRef): Promise<TaskView> {
    const { task, version } = await this.read(ref);
    return { task: taskKey(ref), version, spec: withoutSecrets(task) };
  }

  /** @throws ReplicatorError what has to be changed at the databases first, or `REPLICATOR_TASK_EXISTS` */
  async make(ref: TaskRef, task: Task): Promise<TaskView> {
    await this.refuseTwins(ref, task);
    await inspectTask(task);
    if ((await this.refs()).length >= MAX_TASKS) {
      throw new ReplicatorError('REPLICATOR_BAD_REQUEST', `expected at most ${MAX_TASKS} tasks`);
    }
    if (!(await makeTask(this.client, this.access, ref, task))) {
      throw new ReplicatorError(
        'REPLICATOR_TASK_EXISTS',
        `expected a new name, got "${taskKey(ref)}", which is a task already`,
      );
    }
    return await this.one(ref);
  }

  /** Read, changed, written over what was read; tried again when somebody else was faster. */
  async change(ref: TaskRef, change: (task: Task) => TaskChange): Promise<TaskView> {
    for (let tries = 1; ; tries += 1) {
      const { task, version } = await this.read(ref);
      const { next, mustInspect } = change(task);
      if (mustInspect) {
        await this.refuseTwins(ref, next);
        await inspectTask(next);
      }
      try {
        await this.client.setData(replicatorPaths.task(ref), JSON.stringify(next), { version });
        return await this.one(ref);
      } catch (error) {
        if (!isBadVersion(error)) throw error;
        if (tries === MAX_TRIES)
          throw new ReplicatorError('REPLICATOR_CONFLICT', `${taskKey(ref)}: others change it all the time`, true);
      }
    }
  }

  /** The task's nodes go; the target's tables and the position there stay. Expects it to be stopped. */
  async remove(ref: TaskRef): Promise<void> {
    const { task } = await this.read(ref);
    if (task.desired !== 'STOP') {
      throw new ReplicatorError('REPLICATOR_BAD_REQUEST', `expected ${taskKey(ref)} to be stopped first, it is to run`);
    }
    const instances = await this.children(replicatorPaths.instances(ref));
    for (const name of instances) await this.client.deleteGuaranteed(replicatorPaths.instance(ref, name));
    for (const path of [replicatorPaths.lastCommit(ref), replicatorPaths.instances(ref), replicatorPaths.task(ref)]) {
      await this.client.deleteGuaranteed(path);
    }
  }

  async compare(ref: TaskRef): Promise<Comparison> {
    const { task } = await this.read(ref);
    return await compareTask(task, taskKey(ref));
  }

  private async read(ref: TaskRef): Promise<{ readonly task: Task; readonly version: number }> {
    const path = replicatorPaths.task(ref);
    try {
      const { data, stat } = await this.client.getData(path);
      return { task: readPayload.task(data, path), version: stat.version };
    } catch (error) {
      if (!isNoNode(error)) throw error;
      throw new ReplicatorError('REPLICATOR_UNKNOWN_TASK', `expected a task, got "${taskKey(ref)}"`);
    }
  }

  private async refs(): Promise<readonly TaskRef[]> {
    const hot = (await this.children(replicatorPaths.tasks)).filter(isName).map((name) => ({ group: null, name }));
    const groups = (await this.children(replicatorPaths.groups)).filter(isName).slice(0, MAX_GROUPS);
    const cold = await Promise.all(
      groups.map(async (group) =>
        (await this.children(replicatorPaths.group(group))).filter(isName).map((name) => ({ group, name })),
      ),
    );
    return [...hot, ...cold.flat()].sort((a, b) => (taskKey(a) < taskKey(b) ? -1 : 1));
  }

  private async children(path: string): Promise<readonly string[]> {
    try {
      return (await this.client.getChildren(path)).children;
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  /** Two tasks with one server id at one source would end each other's dumps for ever. */
  private async refuseTwins(ref: TaskRef, { source, serverId }: Task): Promise<void> {
    for (const { task, spec } of await this.all()) {
      const isSame = spec.source.host === source.host && spec.source.port === source.port && spec.serverId === serverId;
      if (!isSame || task === taskKey(ref)) continue;
      throw new ReplicatorError(
        'REPLICATOR_BAD_REQUEST',
        `serverId: expected one that no other task has, got ${serverId}, which is that of ${task}`,
      );
    }
  }
}

/** A number for those who do not care: the same each time, from the upper half, where people choose none. */
export function defaultServerId(ref: TaskRef): number {
  let hash = 0x811c_9dc5;
  for (const char of taskKey(ref)) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x0100_0193) >>> 0;
  return 0x8000_0000 + (hash & 0x7fff_fffe);
}

export const parseTask = (value: unknown): Task => {
  const parsed = taskSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ReplicatorError('REPLICATOR_BAD_REQUEST', `${issue?.path.join('.') || 'task'}: ${issue?.message}`);
};
