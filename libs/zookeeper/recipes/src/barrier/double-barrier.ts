/**
 * N parties start together and leave together.
 * Source: "Double Barriers" of the ZooKeeper recipes; Curator's DistributedDoubleBarrier.
 *
 * Whoever counts N parties raises the `ready` node, and everybody waits for that node and not for the count: a fast
 * party may be gone again before a slow one counts, which would then wait for ever. The number of parties is a
 * threshold: one that comes while a round is under way finds the flag up and goes on at once.
 */
import { isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { RecipeError } from '../errors.js';
import { guaranteedDelete } from '../support/guaranteed-delete.js';
import { join } from '../support/names.js';
import { Patience, Wake, type WaitOptions } from '../support/waiting.js';

const READY = 'ready';

export class DoubleBarrier {
  private readonly own: string;
  private readonly ready: string;

  /**
   * @param parties how many must have entered before anybody goes on; more may.
   * @param identity unique among the parties: the name of the node that stands for us.
   */
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly parties: number,
    identity: string,
  ) {
    if (!Number.isSafeInteger(parties) || parties < 1 || identity === READY || !/^[^/]+$/.test(identity)) {
      throw new RecipeError(
        'RECIPE_MISUSED',
        `a barrier wants parties >= 1 and a plain name, not ${parties}, "${identity}"`,
        false,
      );
    }
    this.own = join(path, identity);
    this.ready = join(path, READY);
  }

  /** Waits until all are there. @throws RecipeError when given up: then we are no party any more. */
  async enter(wait: WaitOptions = {}): Promise<void> {
    const patience = new Patience(`entering ${this.path}`, wait);
    try {
      await this.client.mkdirp(this.path);
      await this.createOwn();
      for (;;) {
        patience.throwIfOver();
        const wake = new Wake();
        if (await this.client.exists(this.ready, { watch: wake.fire })) return;
        const { children } = await this.client.getChildren(this.path, { watch: wake.fire });
        if (children.filter((name) => name !== READY).length >= this.parties) await this.raiseReady();
        else await patience.race(wake.promise);
      }
    } catch (error) {
      if (patience.isOver) await guaranteedDelete(this.client, this.own);
      throw error;
    } finally {
      patience.dispose();
    }
  }

  /** Waits until all have finished. A party that crashed is gone with its session. */
  async leave(wait: WaitOptions = {}): Promise<void> {
    const patience = new Patience(`leaving ${this.path}`, wait);
    try {
      await guaranteedDelete(this.client, this.own);
      for (;;) {
        patience.throwIfOver();
        const wake = new Wake();
        const { children } = await this.client.getChildren(this.path, { watch: wake.fire });
        if (children.every((name) => name === READY)) break;
        await patience.race(wake.promise);
      }
      await guaranteedDelete(this.client, this.ready);
    } finally {
      patience.dispose();
    }
  }

  private async createOwn(): Promise<void> {
    try {
      await this.client.create(this.own, '', { mode: CreateMode.ephemeral });
    } catch (error) {
      if (!isNodeExists(error)) throw error;
      // Ours from a try whose reply was lost, or somebody else's with our name: the owner tells.
      const stat = await this.client.exists(this.own);
      if (stat && stat.ephemeralOwner !== this.client.session?.id) {
        throw new RecipeError('RECIPE_MISUSED', `${this.own} stands already, made by another session`, true);
      }
    }
  }

  private async raiseReady(): Promise<void> {
    try {
      await this.client.create(this.ready, '');
    } catch (error) {
      if (!isNodeExists(error) && !isNoNode(error)) throw error;
    }
  }
}
