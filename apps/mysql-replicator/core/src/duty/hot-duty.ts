/** Stands for one task with hot standby. */
import {
  FRESH_HOT,
  type HotEffect,
  type HotInput,
  type HotState,
  InstanceStatus,
  stepHot,
} from '@menagerie/replicator-core';
import type { Logger } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { CoreConfig } from '../config.js';
import type { TaskRun } from '../run/task-run.js';
import { type CommonInput, Duty } from './duty.js';
import type { InstanceNodes } from './instance-nodes.js';

export class HotDuty extends Duty<HotInput, HotEffect> {
  state: HotState = FRESH_HOT;
  run: TaskRun | null = null;
  /** Of watches: what the herd costs. */
  notifications = 0;

  constructor(
    client: ZooKeeperClient,
    logger: Logger,
    private readonly config: CoreConfig,
    readonly nodes: InstanceNodes,
    private readonly begin: (fence: bigint) => TaskRun,
  ) {
    super(client, logger, config.lateMs);
  }

  protected step(input: HotInput | CommonInput): readonly HotEffect[] {
    const sessionTimeoutMs = this.client.session?.negotiatedTimeoutMs ?? this.config.sessionTimeoutMs;
    const { state, effects } = stepHot(this.state, input, { sessionTimeoutMs, herd: this.config.herd });
    if (state.phase !== this.state.phase) this.logger.info({ from: this.state.phase, to: state.phase }, 'phase');
    this.state = state;
    return effects;
  }

  protected carryOut(effect: HotEffect): Promise<HotInput | null> | HotInput | null {
    switch (effect.kind) {
      case 'run':
        this.run = this.begin(effect.fence);
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

  private async ask(effect: Exclude<HotEffect, { kind: 'run' | 'halt' }>): Promise<HotInput | null> {
    switch (effect.kind) {
      case 'join':
        return { kind: 'joined', ...(await this.nodes.join(instance(InstanceStatus.standby))) };
      case 'look':
        return { kind: 'instances', names: await this.nodes.names() };
      case 'watch':
        if (effect.what === 'all') {
          await this.nodes.names(this.changed());
          return null;
        }
        return (await this.nodes.watch(effect.what, this.changed())) ? null : { kind: 'changed' };
      case 'say':
        if (this.state.node !== null) await this.nodes.say(this.state.node.name, instance(effect.status));
        return null;
      case 'delete':
        await this.nodes.remove(effect.name);
        return null;
    }
  }

  private readonly changed = () =>
    this.inThisSession(() => {
      this.notifications += 1;
      this.feed({ kind: 'changed' });
    });
}

export const instance = (status: InstanceStatus) => ({ status, since: Date.now(), pid: process.pid });
