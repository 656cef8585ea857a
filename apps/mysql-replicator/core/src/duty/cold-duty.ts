/** Scans the tasks of a group, and runs one that nobody runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ColdEffect,
  type ColdInput,
  type ColdState,
  FRESH_COLD,
  isName,
  isReplicatorError,
  readPayload,
  replicatorPaths,
  stepCold,
  type TaskRef,
} from '@menagerie/replicator-core';
import type { Logger } from '@menagerie/service';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { CoreConfig } from '../config.js';
import type { TaskRun } from '../run/task-run.js';
import { type CommonInput, Duty } from './duty.js';
import { instance } from './hot-duty.js';
import type { InstanceNodes } from './instance-nodes.js';

export class ColdDuty extends Duty<ColdInput, ColdEffect> {
  state: ColdState = FRESH_COLD;
  run: TaskRun | null = null;
  notifications = 0;

  constructor(
    client: ZooKeeperClient,
    logger: Logger,
    private readonly config: CoreConfig,
    private readonly nodesOf: (ref: TaskRef) => InstanceNodes,
    private readonly begin: (ref: TaskRef, fence: bigint, onUnwanted: () => void) => TaskRun,
  ) {
    super(client, logger, config.lateMs);
  }

  protected step(input: ColdInput | CommonInput): readonly ColdEffect[] {
    const sessionTimeoutMs = this.client.session?.negotiatedTimeoutMs ?? this.config.sessionTimeoutMs;
    const { state, effects } = stepCold(this.state, input, { sessionTimeoutMs });
    this.state = state;
    return effects;
  }

  protected carryOut(effect: ColdEffect): Promise<ColdInput | null> | ColdInput | null {
    switch (effect.kind) {
      case 'run':
        this.logger.info({ task: effect.task }, 'runs');
        this.run = this.begin(
          this.refOf(effect.task),
          effect.fence,
          this.inThisSession(() => this.feed({ kind: 'unwanted' })),
        );
        return null;
      case 'halt':
        this.logger.info({ why: effect.why }, 'halted');
        this.run?.halt();
        this.run = null;
        return null;
      default:
        return this.ask(effect);
    }
  }

  private async ask(effect: Exclude<ColdEffect, { kind: 'run' | 'halt' }>): Promise<ColdInput | null> {
    switch (effect.kind) {
      case 'list':
        return { kind: 'tasks', names: await this.tasks() };
      case 'read':
        return { kind: 'task', desired: await this.desired(effect.task) };
      case 'join':
        return { kind: 'joined', ...(await this.nodesOf(this.refOf(effect.task)).join(instance('STANDBY'))) };
      case 'look':
        return { kind: 'instances', names: await this.nodesOf(this.refOf(effect.task)).names() };
      case 'watch': {
        const changed = this.inThisSession(() => {
          this.notifications += 1;
          this.feed({ kind: 'changed' });
        });
        return (await this.nodesOf(this.refOf(effect.task)).watch(effect.name, changed)) ? null : { kind: 'changed' };
      }
      case 'say':
        if (this.state.node !== null)
          await this.nodesOf(this.refOf(effect.task)).say(this.state.node.name, instance(effect.status));
        return null;
      case 'delete':
        await this.nodesOf(this.refOf(effect.task)).remove(effect.name);
        return { kind: 'left' };
      case 'rest':
        await sleep(this.config.restMs, undefined, { ref: false });
        return { kind: 'rested' };
    }
  }

  private refOf(name: string): TaskRef {
    return { group: this.config.group, name };
  }

  private async tasks(): Promise<readonly string[]> {
    try {
      return (await this.client.getChildren(replicatorPaths.group(this.config.group))).children.filter(isName);
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  private async desired(task: string): Promise<'RUN' | 'STOP' | null> {
    const path = replicatorPaths.task(this.refOf(task));
    try {
      return readPayload.task((await this.client.getData(path)).data, path).desired;
    } catch (error) {
      if (isNoNode(error)) return null;
      if (!isReplicatorError(error)) throw error;
      this.logger.error({ why: error.message }, 'a task that cannot be read');
      return null;
    }
  }
}
