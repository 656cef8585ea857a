/**
 * Nobody begins before all are there, nobody goes before all have ended: then what is there is all there will be, and
 * whoever likes merges it. `/queue_barrier/<run>`, one ephemeral node a party.
 *
 * A party that dies while it counts leaves with its session; the others go, and the merge says which share is missing.
 */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { messageOf } from '@menagerie/platform-core';
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
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: BarrierWorkerConfig,
    @Inject(Results) private readonly results: Results,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    health.add('computation', () => ({
      state: this.phase === Phase.failed ? 'down' : 'up',
      details: { phase: this.phase, lines: this.lines },
    }));
    order.add('leave', 'the computation', async () => {
      this.stopping.abort();
      await this.running;
    });
  }

  onApplicationBootstrap(): void {
    this.running = this.run().catch((error: unknown) => {
      if (this.stopping.signal.aborted) return;
      this.phase = Phase.failed;
      this.logger.error({ err: error }, messageOf(error));
    });
  }

  private async run(): Promise<void> {
    const { run, parties, id } = this.config;
    const { signal } = this.stopping;
    const barrier = new DoubleBarrier(this.client, `/queue_barrier/${run}`, parties, id);
    await barrier.enter({ signal });
    this.phase = Phase.computing;
    const partial = await countShare({ ...this.config, signal, onProgress: (lines) => (this.lines = lines) });
    this.lines = partial.lines;
    await this.results.publish(partial);
    this.phase = Phase.leaving;
    await barrier.leave({ signal });
    this.phase = Phase.done;
  }
}
