/** Where the parts of a service say how to ask them whether they are well. */
import { Injectable } from '@nestjs/common';

import { ServiceError } from '../errors.js';

export const HealthState = { up: 'up', degraded: 'degraded', down: 'down' } as const;
export type HealthState = (typeof HealthState)[keyof typeof HealthState];

/** `degraded` still serves (a suspended session, say); `down` turns the whole answer into 503. */
export interface HealthReport {
  readonly state: HealthState;
  /** Anything a reader of `/health` should see: roles, session ids, counts. `status` and `responseTime` are taken. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Must settle soon; `signal` fires when nobody waits any longer. Throwing means down, with the error's message. */
export type HealthCheck = (signal: AbortSignal) => HealthReport | Promise<HealthReport>;

/** More indicators than this is a leak: somebody registers without taking back. */
const MAX_INDICATORS = 100;

@Injectable()
export class HealthRegistry {
  readonly #checks = new Map<string, HealthCheck>();

  /**
   * @param name the indicator's key in the answer of `/health`
   * @returns takes the indicator back
   */
  add(name: string, check: HealthCheck): () => void {
    if (this.#checks.has(name) || this.#checks.size >= MAX_INDICATORS) {
      throw new ServiceError(`expected a new health indicator, got ${name} (${this.#checks.size} registered)`, {
        code: 'SERVICE_HEALTH_INDICATOR',
      });
    }
    this.#checks.set(name, check);
    return () => void this.#checks.delete(name);
  }

  entries(): readonly (readonly [string, HealthCheck])[] {
    return [...this.#checks];
  }
}
