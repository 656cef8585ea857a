/** What this core stands for: each of its tasks when hot, the tasks of its group when cold. */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Task, taskKey, type TaskRef } from '@menagerie/replicator-core';
import { type Access, accessOf, makeTask } from '@menagerie/replicator-nest';
import { HealthRegistry, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import type { CoreConfig } from '../config.js';
import { type RunCounts, TaskRun } from '../run/task-run.js';
import { ColdDuty } from './cold-duty.js';
import { HotDuty } from './hot-duty.js';
import { InstanceNodes } from './instance-nodes.js';

@Injectable()
export class Duties implements OnApplicationBootstrap {
  readonly counts: RunCounts = { refusedByTarget: 0, refusedByLastCommit: 0, lastRefusal: null, halts: 0 };
  readonly all: readonly (HotDuty | ColdDuty)[];
  private readonly access: Access;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: CoreConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    this.access = accessOf(config.credentials);
    this.all = config.mode === 'hot' ? config.tasks.map((name) => this.hot({ group: null, name })) : [this.cold()];
    health.add('duties', () => {
      const problems = this.all.flatMap(({ run }) => (run?.problem ? [run.problem.code] : []));
      return { state: problems.length === 0 ? 'up' : 'degraded', details: { problems } };
    });
    order.add('leave', 'duties', () => this.stop());
  }

  async onApplicationBootstrap(): Promise<void> {
    const { first, tasks } = this.config;
    if (first !== null && tasks[0] !== undefined) await this.makeFirst(first, tasks[0]);
    for (const duty of this.all) duty.start();
  }

  private async makeFirst(task: Task, name: string): Promise<void> {
    if (await makeTask(this.client, this.access, { group: null, name }, task)) this.logger.info({ task: name }, 'made');
  }

  private async stop(): Promise<void> {
    const runs = this.all.map(({ run }) => run);
    await Promise.all(this.all.map((duty) => duty.stop()));
    await Promise.all(runs.map((run) => run?.gone()));
  }

  private hot(ref: TaskRef): HotDuty {
    const logger = this.logger.child({ task: taskKey(ref) });
    const duty: HotDuty = new HotDuty(this.client, logger, this.config, this.nodesOf(ref), (fence) =>
      // Stopped by an operator, it stays RUNNING and copies nothing: the task may be started again at any time.
      this.begin(
        ref,
        fence,
        () => duty.check(),
        () => undefined,
      ),
    );
    return duty;
  }

  private cold(): ColdDuty {
    const nodesOf = (ref: TaskRef) => this.nodesOf(ref);
    const duty: ColdDuty = new ColdDuty(this.client, this.logger, this.config, nodesOf, (ref, fence, onUnwanted) =>
      this.begin(ref, fence, () => duty.check(), onUnwanted),
    );
    return duty;
  }

  private begin(ref: TaskRef, fence: bigint, check: () => void, onUnwanted: () => void): TaskRun {
    const { client, access, counts, logger } = this;
    const { commitEveryMs } = this.config;
    return new TaskRun({ client, access, logger, ref, fence, commitEveryMs, check, onUnwanted, counts });
  }

  private nodesOf(ref: TaskRef): InstanceNodes {
    return new InstanceNodes(this.client, this.access, this.config.id, ref);
  }
}
