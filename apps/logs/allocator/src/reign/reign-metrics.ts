/** What a leading allocator shows to Prometheus; a standby shows zeroes. */
import type { ReignView } from '@menagerie/logs-core';
import { Gauge, type Registry } from 'prom-client';
import type { Reign } from './reign.js';

export function measureReign(registry: Registry, reign: () => Reign | null): void {
  const gauge = (name: string, help: string, value: (view: ReignView) => number): Gauge =>
    new Gauge({
      name: `logs_allocator_${name}`,
      help,
      registers: [registry],
      collect() {
        const view = reign()?.view();
        this.set(view === undefined ? 0 : value(view));
      },
    });
  gauge('leading', '1 while this one leads', () => 1);
  gauge('moves', 'Sources that went to another collector', ({ moves }) => moves);
  gauge('polls', 'Polls made', ({ polls }) => polls);
  gauge('status_reads', 'Reports read', ({ cost }) => cost.reads);
  gauge('status_notifications', 'Notifications of reports, in watch mode', ({ cost }) => cost.notifications);
  gauge('imbalance', 'Largest weight of a collector over the mean', ({ imbalance }) => imbalance);
  gauge('unassigned', 'Sources that nobody collects', ({ unassigned }) => unassigned.length);
  gauge('frozen', '1 while too many are silent at once to believe it', ({ frozen }) => (frozen ? 1 : 0));
}
