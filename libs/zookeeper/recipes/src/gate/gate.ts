/**
 * A gate that anybody can shut and open: while the node is there, whoever comes waits. Opening lets all of them go.
 * Source: "Barriers" of the ZooKeeper recipes; Curator's DistributedBarrier.
 * A gate is no lock: it is opened by whoever likes, and stays shut when the one that shut it dies.
 */
import {
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type Stat,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { deletePersistent } from '../support/guaranteed-delete.js';
import { breathe, isPassing } from '../support/passing.js';
import { Patience, Wake, type WaitOptions } from '../support/waiting.js';
import { makeDirectory, parentOf } from '../support/make-directory.js';

export class Gate {
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
  ) {}

  /** Content with a gate that is shut already. */
  async shut(): Promise<void> {
    for (;;) {
      try {
        await this.client.create(this.path);
        return;
      } catch (error) {
        if (isNodeExists(error)) return;
        if (isNoNode(error)) await makeDirectory(this.client, parentOf(this.path));
        else if (!isMaybeDone(error) && !isPassing(error) && !isSessionLost(error)) throw error;
        await breathe();
      }
    }
  }

  /** Resolves when it is open, across outages and sessions; content with a gate that is open already. */
  async open(): Promise<void> {
    const stat = await this.statOrNull();
    if (stat) await deletePersistent(this.client, this.path, stat.czxid);
  }

  private async statOrNull(): Promise<Stat | null> {
    for (;;) {
      try {
        return await this.client.exists(this.path);
      } catch (error) {
        if (!isPassing(error) && !isSessionLost(error)) throw error;
        await breathe();
      }
    }
  }

  /** Resolves when the gate is open. @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` */
  async pass(wait: WaitOptions = {}): Promise<void> {
    using patience = new Patience(`waiting at ${this.path}`, wait);
    const { signal } = patience;
    for (;;) {
      try {
        patience.throwIfOver();
        const wake = new Wake();
        // A read that finds nothing leaves no watch behind, unlike `exists`.
        await this.client.getData(this.path, { watch: wake.fire, signal });
        await patience.race(wake.promise);
      } catch (error) {
        if (isNoNode(error)) return;
        if (patience.isOver) throw patience.error();
        if (!isPassing(error) && !isSessionLost(error)) throw error;
        await breathe(signal);
      }
    }
  }
}
