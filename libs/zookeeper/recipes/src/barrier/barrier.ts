/**
 * Work that begins when N members are there: `/queue_barrier` holds N, each member is an ephemeral child of it.
 * Source: "From Paxos to ZooKeeper", 6.1.8.
 *
 * The book's way (`naive`) counts the children at each event. Its trap: the count may reach N and fall again between an
 * event and the reading, when a fast member leaves; a slow one then reads N-1 and waits for ever. The remedy: whoever
 * sees N makes the node `ready`, which stays until `reset`, and everybody waits for that.
 *
 * Lost session: the member is there again in the next one. A member that dies before N are there: the barrier stays shut.
 */
import { isNodeExists, isNoNode, isSessionLost, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { deletePersistent } from '../support/guaranteed-delete.js';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { Patience, Wake, type WaitOptions } from '../support/waiting.js';
import { Party } from './party.js';
import { makeDirectory, parentOf } from '../support/make-directory.js';

const READY = 'ready';

export interface BarrierOptions {
  /** By the count alone, with its trap. Only for comparison. */
  readonly naive?: boolean;
}

export class Barrier {
  private readonly party: Party;
  private readonly ready: string;

  /**
   * @param members N, written to the barrier when it is missing; afterwards what is written there counts.
   * @param identity unique among the members.
   */
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly members: number,
    identity: string,
    private readonly options: BarrierOptions = {},
  ) {
    if (!Number.isSafeInteger(members) || members < 1 || identity === READY || !/^[^/]+$/.test(identity)) {
      const got = `${members}, "${identity}"`;
      throw new RecipeError('RECIPE_MISUSED', `a barrier wants members >= 1 and a plain name, not ${got}`, false);
    }
    this.party = new Party(client, join(path, identity));
    this.ready = join(path, READY);
  }

  /**
   * Joins, and waits until N members are there. We stay a member until `leave`.
   * @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT`: then we are no member any more; `RECIPE_FOREIGN_DATA`
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    using patience = new Patience(`waiting at ${this.path}`, options);
    for (;;) {
      try {
        patience.throwIfOver();
        if (await this.isOpen(patience)) return;
      } catch (error) {
        const again = !patience.isOver && (isPassing(error) || isSessionLost(error));
        if (!again) await this.party.leave();
        if (!again) throw patience.isOver ? patience.error() : error;
        await breathe(patience.signal);
      }
    }
  }

  /** Takes our node away. The barrier stays open for those who have not looked yet. */
  leave(): Promise<void> {
    return this.party.leave();
  }

  /** Shuts the barrier for a next round; call it when all members of this one have gone through. */
  async reset(): Promise<void> {
    const stat = await this.client.exists(this.ready);
    if (stat) await deletePersistent(this.client, this.ready, stat.czxid);
  }

  private async isOpen(patience: Patience): Promise<boolean> {
    const { client, options } = this;
    const { signal } = patience;
    const needed = await this.needed(signal);
    await this.party.present(signal);
    const wake = new Wake();
    if (!options.naive && (await client.exists(this.ready, { watch: wake.fire, signal }))) return true;
    const { children } = await client.getChildren(this.path, { watch: wake.fire, signal });
    if (children.filter((name) => name !== READY).length < needed) {
      await patience.race(wake.promise);
      return false;
    }
    if (!options.naive) await this.raiseReady(signal);
    return true;
  }

  private async needed(signal: AbortSignal): Promise<number> {
    try {
      const text = (await this.client.getData(this.path, { signal })).data.toString();
      if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
      const got = JSON.stringify(text.slice(0, 40));
      throw new RecipeError('RECIPE_FOREIGN_DATA', `${this.path} holds ${got}, not a number of members`, false);
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
    await makeDirectory(this.client, parentOf(this.path), signal);
    await this.client.create(this.path, String(this.members), { signal }).catch(ignoreExisting);
    return this.needed(signal);
  }

  /** It must be there before we go on: the members behind us rely on it. */
  private async raiseReady(signal: AbortSignal): Promise<void> {
    await this.client.create(this.ready, '', { signal }).catch(ignoreExisting);
  }
}

function ignoreExisting(error: unknown): void {
  if (!isNodeExists(error)) throw error;
}
