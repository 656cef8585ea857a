/**
 * At most N holders at a time, served in the order of asking.
 * Source: Curator's InterProcessSemaphoreV2 (its layout: `<path>/locks` and `<path>/leases`).
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { isRecipeError, RecipeError } from '../errors.js';
import { Lock } from '../lock/lock.js';
import { contend } from '../support/contention.js';
import type { Grant } from '../support/grant.js';
import { join } from '../support/names.js';
import { Patience, type WaitOptions } from '../support/waiting.js';
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
    const patience = new Patience(`acquiring a lease of ${this.path}`, wait);
    try {
      for (;;) {
        try {
          return await this.turn.with((turn) => this.takeLease(patience.signal, turn), { signal: patience.signal });
        } catch (error) {
          if (patience.isOver) throw patience.error();
          // The turn went with its session: back to the end of the line.
          if (!isRecipeError(error, 'RECIPE_GRANT_LOST')) throw error;
        }
      }
    } finally {
      patience.dispose();
    }
  }

  private takeLease(given: AbortSignal, turn: Grant): Promise<Grant> {
    const contention = {
      directory: join(this.path, 'leases'),
      kind: LEASE_KIND,
      data: this.identity,
      decide: decideLease(this.limit),
      watchDirectory: true,
    };
    return contend(this.client, contention, { signal: AbortSignal.any([turn.signal, given]) });
  }
}
