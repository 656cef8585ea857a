/**
 * A lock whose holder can be asked to give it back. Asking is all: the holder decides, as Curator's Revoker has it.
 * Source: Curator's `makeRevocable` and `Revoker`; the mark in the holder's node is theirs, so either side may be theirs.
 */
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { Grant, NodeGrant } from '../support/grant.js';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import type { WaitOptions } from '../support/waiting.js';
import { Lock, type LockOptions } from './lock.js';

const REVOKE = '__REVOKE__';

export interface RevocableGrant extends Grant {
  /** Fires when somebody asks for the lock. It is still held: finish what cannot be left, then release. */
  readonly revoked: AbortSignal;
}

export class RevocableLock {
  private readonly lock: Lock;

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    options: LockOptions = {},
  ) {
    this.lock = new Lock(client, path, options);
  }

  /** @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` */
  async acquire(wait: WaitOptions = {}): Promise<RevocableGrant> {
    const grant = await this.lock.acquire(wait);
    const revoked = new AbortController();
    void this.listen(grant, revoked);
    return Object.assign(grant, { revoked: revoked.signal });
  }

  /** Asks the first in line to give the lock back. @returns whether anybody was there to be asked. */
  async requestRevocation(): Promise<boolean> {
    for (const name of await this.lock.line()) {
      try {
        await this.client.setData(join(this.path, name), REVOKE);
        return true;
      } catch (error) {
        if (!isNoNode(error)) throw error;
      }
    }
    return false;
  }

  /** Until asked, or until the grant is over. */
  private async listen(grant: NodeGrant, revoked: AbortController): Promise<void> {
    while (grant.held && !revoked.signal.aborted) {
      try {
        for await (const { data } of this.client.watch(grant.path, { kind: 'data', signal: grant.signal })) {
          if (data?.toString() !== REVOKE) continue;
          revoked.abort('revocation requested');
          return;
        }
      } catch (error) {
        if (!isPassing(error)) return grant.lose('its node can no longer be read');
        await breathe(grant.signal);
      }
    }
  }
}
