/**
 * At most N holders at a time, served in the order of asking.
 * Source: Curator's InterProcessSemaphoreV2 (its layout: `<path>/locks` and `<path>/leases`).
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { Lock } from '../lock/lock.js';
import { contend } from '../support/contention.js';
import type { Grant } from '../support/grant.js';
import { join } from '../support/names.js';
import type { WaitOptions } from '../support/waiting.js';
import { decideLease, LEASE_KIND } from './semaphore-decision.js';

export class Semaphore {
  private readonly turn: Lock;

  /**
   * @param limit leases at a time, 1 or more; all processes must agree on it.
   * @throws RecipeError `RECIPE_MISUSED` for another limit.
   */
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly limit: number,
    private readonly identity = '',
  ) {
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new RecipeError('RECIPE_MISUSED', `a semaphore's limit is a whole number from 1, not ${limit}`, false);
    }
    this.turn = new Lock(client, join(path, 'locks'), { identity });
  }

  /** @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT`; neither a lease nor a place in line is left behind. */
  async acquire(wait: WaitOptions = {}): Promise<Grant> {
    const startedAtMs = performance.now();
    return this.turn.with((turn) => {
      const spentMs = performance.now() - startedAtMs;
      const signals = [turn.signal, ...(wait.signal ? [wait.signal] : [])];
      const rest = wait.timeoutMs === undefined ? {} : { timeoutMs: Math.max(0, wait.timeoutMs - spentMs) };
      const contention = {
        directory: join(this.path, 'leases'),
        kind: LEASE_KIND,
        data: this.identity,
        decide: decideLease(this.limit),
      };
      return contend(this.client, contention, { signal: AbortSignal.any(signals), ...rest });
    }, wait);
  }
}
