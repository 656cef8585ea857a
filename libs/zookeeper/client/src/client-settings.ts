/** What a client is made of, checked and complete: defaults are `ZooKeeper.connect`'s business. */
import type { ClientLogger } from './api.js';
import type { DriverFactory, DriverOptions, ServerAddress } from './driver.js';
import type { ClientTracer } from './tracing.js';

export interface ClientSettings {
  readonly servers: readonly ServerAddress[];
  readonly chroot: string;
  readonly sessionTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly maxPendingCalls: number;
  readonly maxRequestBytes: number;
  readonly driverFactory: DriverFactory;
  readonly transport: Omit<DriverOptions, 'sessionTimeoutMs' | 'events' | 'now' | 'random'>;
  readonly logger: ClientLogger;
  readonly tracer: ClientTracer | null;
  readonly followConfig: boolean;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
}
