/**
 * Our health, metrics and order of stopping for modules that are published without us: they ask for a symbol by name
 * (`HOST_PROCESS` of `@menagerie/zookeeper-nest`), and go by Nest's own means where nobody provides it.
 */
import type { Registry } from 'prom-client';
import type { HealthCheck, HealthRegistry } from './health/health-registry.js';
import type { ShutdownOrder, StopPhase } from './shutdown/shutdown-order.js';

export const HOST_PROCESS = Symbol.for('menagerie.host-process');

export const hostProcess = (order: ShutdownOrder, health: HealthRegistry, metrics: Registry) => ({
  metrics,
  onStop: (phase: StopPhase, name: string, run: () => Promise<void>) => order.add(phase, name, run),
  addHealth: (name: string, check: HealthCheck) => health.add(name, check),
});
