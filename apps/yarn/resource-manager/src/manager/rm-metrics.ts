/** Numbers for Prometheus, read when they are asked for. */
import { Inject, Injectable } from '@nestjs/common';
import { METRICS } from '@menagerie/service';
import { HaState } from '@menagerie/yarn-protocol';
import { Gauge, type Registry } from 'prom-client';
import { ResourceManager } from './resource-manager.js';

@Injectable()
export class RmMetrics {
  constructor(@Inject(METRICS) registry: Registry, rm: ResourceManager) {
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    gauge('yarn_rm_active', '1 while this ResourceManager is active', () =>
      Number(rm.info().haState === HaState.Active),
    );
    gauge('yarn_rm_elections_joined', 'How often the election was joined', () => rm.info().elector.joined);
    const store = new Gauge({
      name: 'yarn_rm_store_writes',
      help: 'Writes to the state store, by what became of them',
      labelNames: ['outcome'],
      registers: [registry],
      collect() {
        for (const [outcome, count] of Object.entries(rm.info().store.counters)) this.set({ outcome }, count);
      },
    });
    store.reset();
  }
}
