/**
 * An exclusive lock the simple way: whoever makes `<path>/lock` has it, everybody else waits for any change under
 * `<path>` and tries again. Not fair, and a herd: one release wakes all N waiters and costs N-1 refused creations.
 * `Lock` is the improved one; this stands beside it to be read, compared and counted.
 *
 * Znodes: `/exclusive_lock/lock`, ephemeral, as in the book this catalogue follows ("From Paxos to ZooKeeper", 6.1.7).
 *
 * Suspended: a holder keeps it, unsure; a waiter waits. Lost: the grant's signal fires; a waiter goes on.
 */
import { randomUUID } from 'node:crypto';
import {
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type ReadOptions,
  type Stat,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { follow } from '../support/contention.js';
import { NodeGrant, type Grant } from '../support/grant.js';
import { guaranteedDelete } from '../support/guaranteed-delete.js';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { Patience, Wake, type WaitOptions } from '../support/waiting.js';
import { makeDirectory } from '../support/make-directory.js';

export interface ExclusiveLockOptions {
  readonly identity?: string;
  /** Default `lock`; an election calls it `binding`. */
  readonly nodeName?: string;
  /** Told of each notification that arrived while waiting. */
  readonly onNotified?: () => void;
}

export class ExclusiveLock {
  private readonly node: string;

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly options: ExclusiveLockOptions = {},
  ) {
    this.node = join(path, options.nodeName ?? 'lock');
  }

  /** @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT`; nothing is left behind. */
  async acquire(wait: WaitOptions = {}): Promise<Grant> {
    using patience = new Patience(`acquiring ${this.node}`, wait);
    // Tells our node from another's, also from one of another task of this session.
    const mark = `${randomUUID()} ${this.options.identity ?? ''}`;
    for (;;) {
      try {
        patience.throwIfOver();
        const grant = await this.tryOnce(mark, patience);
        if (grant) return grant;
      } catch (error) {
        if (!patience.isOver && isSessionLost(error)) continue;
        if (!patience.isOver && isPassing(error)) {
          await breathe(patience.signal);
          continue;
        }
        await this.leave(mark);
        throw patience.isOver ? patience.error() : error;
      }
    }
  }

  /** One try to make the node; when another has it, waits for a change. @returns `null` to try again. */
  private async tryOnce(mark: string, patience: Patience): Promise<Grant | null> {
    const { client, node } = this;
    const { signal } = patience;
    try {
      await client.create(node, mark, { mode: CreateMode.ephemeral, signal });
    } catch (error) {
      // Without its directory (or the connection, which may have taken the request with it) we look what is there.
      if (isNoNode(error)) await makeDirectory(client, this.path, signal);
      else if (!isNodeExists(error) && !isMaybeDone(error)) throw error;
    }
    const wake = new Wake();
    let waits = false;
    const watch = () => {
      if (waits) this.options.onNotified?.();
      wake.fire();
    };
    const children = await this.childrenOrNone({ signal, watch });
    if (!children.includes(this.node.slice(this.path.length + 1))) return null;
    const stat = await this.statIfMarked(mark, signal);
    if (stat !== null) {
      if (stat.ephemeralOwner === client.session?.id) return await this.hold(stat, signal);
      // Made by an earlier session of ours: it would go by itself, only later.
      await guaranteedDelete(client, node, stat.czxid);
      return null;
    }
    waits = true;
    await patience.race(wake.promise);
    return null;
  }

  private async childrenOrNone(options: ReadOptions): Promise<readonly string[]> {
    try {
      return (await this.client.getChildren(this.path, options)).children;
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  private async hold(stat: Stat, signal: AbortSignal): Promise<Grant | null> {
    const grant = new NodeGrant(this.client, this.node, stat.czxid);
    try {
      return (await follow(this.client, grant, signal)) ? grant : null;
    } catch (error) {
      grant.lose('given up before it was handed out');
      throw error;
    }
  }

  private async statIfMarked(mark: string, signal?: AbortSignal): Promise<Stat | null> {
    try {
      const { data, stat } = await this.client.getData(this.node, signal ? { signal } : {});
      return data.toString() === mark ? stat : null;
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  /** A creation may still be under way when we give up: what is ours goes. */
  private async leave(mark: string): Promise<void> {
    const timeIsUp = new AbortController();
    const removal = this.removeMarked(mark);
    removal.catch(() => undefined);
    await Promise.race([removal, breathe(timeIsUp.signal, 1000)]);
    timeIsUp.abort();
  }

  private async removeMarked(mark: string): Promise<void> {
    for (let tries = 1; tries <= 1000; tries += 1) {
      try {
        await this.client.sync(this.path);
        const stat = await this.statIfMarked(mark);
        if (stat !== null) await guaranteedDelete(this.client, this.node, stat.czxid);
        return;
      } catch (error) {
        if (!isPassing(error)) return;
        await breathe();
      }
    }
  }
}
