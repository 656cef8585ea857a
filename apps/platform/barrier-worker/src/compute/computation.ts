/**
 * Nobody begins before all are there, nobody goes before all have ended: then what is there is all there will be, and
 * whoever likes merges it. `/queue_barrier/<run>`, one ephemeral node a party.
 *
 * A party that dies while it counts leaves with its session; the others go, and the merge says which share is missing.
 */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Work } from '@menagerie/platform-nest';
import { HealthRegistry, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { DoubleBarrier } from '@menagerie/zookeeper-recipes';
import type { BarrierWorkerConfig } from '../config.js';
import { countShare } from './count-share.js';
import { Results } from './results.js';

export const Phase = {
  waiting: 'waiting',
  computing: 'computing',
  leaving: 'leaving',
  done: 'done',
  failed: 'failed',
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

@Injectable()
export class Computation implements OnApplicationBootstrap {
  phase: Phase = Phase.waiting;
  /** Lines counted so far. */
  lines = 0;
  private readonly work: Work;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: BarrierWorkerConfig,
    @Inject(Results) private readonly results: Results,
    @Inject(LOGGER) logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    health.add('computation', () => ({
      state: this.phase === Phase.failed ? 'down' : 'up',
      details: { phase: this.phase, lines: this.lines },
    }));
    this.work = new Work('the computation', logger, order);
  }

  onApplicationBootstrap(): void {
    this.work.begin(
      (signal) => this.run(signal),
      () => (this.phase = Phase.failed),
    );
  }

  /** A session that ends in the middle costs the place at the barrier, and not what has been counted. */
  private async run(signal: AbortSignal): Promise<void> {
    const { run, parties, id } = this.config;
    const { work } = this;
    const barrier = new DoubleBarrier(this.client, `/queue_barrier/${run}`, parties, id);
    // A predecessor of this name, killed just now, stands there until its session is over.
    await work.persist(() => barrier.enter({ signal }));
    this.phase = Phase.computing;
    const partial = await countShare({ ...this.config, signal, onProgress: (lines) => (this.lines = lines) });
    this.lines = partial.lines;
    await work.persist(() => this.results.publish(partial));
    this.phase = Phase.leaving;
    await work.persist(() => barrier.leave({ signal }));
    this.phase = Phase.done;
  }
}
