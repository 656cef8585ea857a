/**
 * What the process around the module may offer: an order of stopping, a place for health, a registry of metrics. The
 * token is a symbol by name, so that neither side needs the other's package; `@menagerie/service` provides it.
 */
import type { Registry } from 'prom-client';

export const HOST_PROCESS = Symbol.for('menagerie.host-process');

/** What is told of our health. */
export interface ZooKeeperHealth {
  /** `degraded`: it still answers, without all it needs. */
  readonly state: 'up' | 'degraded' | 'down';
  readonly details: Readonly<Record<string, unknown>>;
}

export interface HostProcess {
  readonly metrics: Registry;
  /** `leave`: while HTTP still answers; `close`: when nothing needs us any more. Within a phase the last added runs first. */
  onStop(phase: 'leave' | 'close', name: string, run: () => Promise<void>): void;
  addHealth(name: string, check: () => ZooKeeperHealth): void;
}
