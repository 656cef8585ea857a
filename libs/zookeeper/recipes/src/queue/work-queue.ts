/**
 * A first-in first-out queue of messages, delivered at least once, with a stated limit.
 *
 * `<path>/items/item-<sequence>` hold the messages; a consumer claims one by an ephemeral node of the same name under
 * `<path>/claims`, and removes both in one transaction when it is done. A consumer that dies loses its claim with its
 * session, and the item is there for the next one.
 *
 * ZooKeeper is a coordinator and not a message broker (Curator's tech note 4): a queue of many thousands makes every
 * look slow and, at last, larger than one reply may be. Hence the limit.
 */
import {
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type NodeData,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { randomUUID } from 'node:crypto';
import { RecipeError } from '../errors.js';
import { baseName, isOfKind, join } from '../support/names.js';
import { protectedCreate } from '../support/protected-create.js';
import { contendersInOrder } from '../support/sequence.js';
import { Patience, Wake, type WaitOptions } from '../support/waiting.js';

const ITEM_KIND = 'item';

export interface WorkItem {
  readonly data: Buffer;
  /** Grows with each item put; the zxid of its creation. */
  readonly id: bigint;
  /** Done: the item will not be delivered again. @throws RecipeError `RECIPE_GRANT_LOST` when the claim was lost. */
  done(): Promise<void>;
  /** Not done: the item goes to whoever asks next. */
  giveBack(): Promise<void>;
}

export interface WorkQueueOptions {
  /** Items that may wait; `put` refuses one more. Default 5000. */
  readonly limit?: number;
}

export class WorkQueue {
  private readonly items: string;
  private readonly claims: string;
  private readonly limit: number;

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    options: WorkQueueOptions = {},
  ) {
    this.items = join(path, 'items');
    this.claims = join(path, 'claims');
    this.limit = options.limit ?? 5000;
  }

  /**
   * Puts one message at the end, exactly once also when a reply is lost.
   * @throws RecipeError `RECIPE_LIMIT` when the queue is full.
   */
  async put(data: NodeData): Promise<void> {
    const stat = await this.client.exists(this.items);
    if (stat && stat.numChildren >= this.limit) {
      throw new RecipeError(
        'RECIPE_LIMIT',
        `${this.path} is full: ${stat.numChildren} of ${this.limit} items wait`,
        true,
      );
    }
    const patience = new Patience(`putting into ${this.path}`, {});
    const options = { directory: this.items, mark: randomUUID(), kind: ITEM_KIND, data, persistent: true };
    await protectedCreate(this.client, options, patience);
  }

  /** Waits for the oldest message that nobody has claimed. @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` */
  async take(wait: WaitOptions = {}): Promise<WorkItem> {
    const patience = new Patience(`taking from ${this.path}`, wait);
    try {
      await this.client.mkdirp(this.items);
      await this.client.mkdirp(this.claims);
      for (;;) {
        patience.throwIfOver();
        const wake = new Wake();
        // Claims first: an item whose claim goes after this look wakes us by the watch.
        const claims = await this.client.getChildren(this.claims, { watch: wake.fire });
        const items = await this.client.getChildren(this.items, { watch: wake.fire });
        const claimed = new Set(claims.children);
        const line = contendersInOrder(items.children, (name) => isOfKind(name, ITEM_KIND));
        let taken: WorkItem | null = null;
        for (const { name } of line) {
          if (claimed.has(name)) continue;
          taken = await this.claim(name);
          if (taken) break;
        }
        if (taken) return taken;
        await patience.race(wake.promise);
      }
    } finally {
      patience.dispose();
    }
  }

  /** @returns `null` when another was faster. */
  private async claim(name: string): Promise<WorkItem | null> {
    const item = join(this.items, name);
    const claim = join(this.claims, name);
    // Two consumers of one process share a session: only the mark says whose claim it is.
    const mark = randomUUID();
    try {
      await this.client.create(claim, mark, { mode: CreateMode.ephemeral });
    } catch (error) {
      if (!isNodeExists(error) && !isMaybeDone(error)) throw error;
      if (!(await this.isMarked(claim, mark))) return null;
    }
    try {
      const { data, stat } = await this.client.getData(item);
      return { data, id: stat.czxid, done: () => this.finish(item, claim), giveBack: () => this.drop(claim) };
    } catch (error) {
      // Somebody finished it between our look and our claim.
      if (!isNoNode(error)) throw error;
      await this.drop(claim);
      return null;
    }
  }

  private async isMarked(claim: string, mark: string): Promise<boolean> {
    try {
      const { data, stat } = await this.client.getData(claim);
      return data.toString() === mark && stat.ephemeralOwner === this.client.session?.id;
    } catch (error) {
      if (isNoNode(error)) return false;
      throw error;
    }
  }

  private async finish(item: string, claim: string): Promise<void> {
    const owned = await this.client.exists(claim);
    if (!owned || owned.ephemeralOwner !== this.client.session?.id) throw lostClaim(item);
    for (;;) {
      try {
        await this.client.multi([
          { kind: 'delete', path: claim },
          { kind: 'delete', path: item },
        ]);
        return;
      } catch (error) {
        if (isSessionLost(error)) throw lostClaim(item);
        if (isMaybeDone(error)) {
          if ((await this.client.exists(item)) === null) return;
          continue;
        }
        if (isNoNode(error)) throw lostClaim(item);
        throw error;
      }
    }
  }

  private async drop(claim: string): Promise<void> {
    try {
      await this.client.delete(claim);
    } catch (error) {
      if (!isNoNode(error) && !isSessionLost(error)) throw error;
    }
  }
}

function lostClaim(item: string): RecipeError {
  return new RecipeError(
    'RECIPE_GRANT_LOST',
    `the claim on ${baseName(item)} was lost: it may be delivered again`,
    false,
  );
}
