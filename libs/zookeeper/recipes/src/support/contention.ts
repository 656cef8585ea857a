/**
 * The procedure behind every recipe in which contenders stand in line: create a node, look at the line, and either hold
 * or wait for the one or two others that matter. What to wait for is the recipe's decision, a pure function; this file
 * only carries it out.
 */
import { randomUUID } from 'node:crypto';
import { isClosed, isNoNode, isSessionLost, type NodeData, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { Acl } from '@menagerie/zookeeper-protocol';
import { NodeGrant } from './grant.js';
import { baseName, join } from './names.js';
import { protectedCreate, removeMarked, type ProtectedNode } from './protected-create.js';
import { Patience, Wake, type WaitOptions } from './waiting.js';

/** What a look at the line came to. */
export type LineDecision =
  | { readonly kind: 'held' }
  /** Wait until one of these is gone, then look again. */
  | { readonly kind: 'wait'; readonly on: readonly string[] }
  /** Wait until anything in the directory changes: the herd. */
  | { readonly kind: 'wait-for-any' }
  /** Our own node is not in the line (any more). */
  | { readonly kind: 'gone' };

export type DecideInLine = (children: readonly string[], own: string) => LineDecision;

export interface Contention {
  readonly directory: string;
  readonly kind: string;
  /** Who contends; readable by whoever looks at the line. */
  readonly data: NodeData;
  readonly decide: DecideInLine;
  readonly acl?: readonly Acl[];
  /** Told of each notification that arrived while waiting, for those who count the herd. */
  readonly onNotified?: () => void;
}

/**
 * Stands in line until held.
 * @throws RecipeError `RECIPE_ABORTED` or `RECIPE_TIMEOUT`; nothing of ours is left in the line then.
 */
export async function contend(
  client: ZooKeeperClient,
  contention: Contention,
  options: WaitOptions,
): Promise<NodeGrant> {
  const patience = new Patience(`contending in ${contention.directory}`, options);
  try {
    for (;;) {
      const mark = randomUUID();
      try {
        const grant = await standInLine(client, contention, mark, patience);
        if (grant) return grant;
      } catch (error) {
        // With a new session the old node goes by itself; we begin again at the end of the line.
        if (isSessionLost(error) && !patience.isOver) continue;
        await leaveLine(client, contention.directory, mark);
        throw error;
      }
    }
  } finally {
    patience.dispose();
  }
}

/** @returns `null` when our node vanished (its session ended, or an operator removed it). */
async function standInLine(
  client: ZooKeeperClient,
  contention: Contention,
  mark: string,
  patience: Patience,
): Promise<NodeGrant | null> {
  const { directory, kind, data, acl } = contention;
  const node = await protectedCreate(client, { directory, mark, kind, data, ...(acl ? { acl } : {}) }, patience);
  for (;;) {
    patience.throwIfOver();
    const wake = new Wake();
    const notified = () => {
      contention.onNotified?.();
      wake.fire();
    };
    // One list, read again after every wake: an event says that something changed and never what is true now.
    const { children } = await client.getChildren(directory);
    const decision = contention.decide(children, baseName(node.path));
    switch (decision.kind) {
      case 'held':
        return await hold(client, node);
      case 'gone':
        return null;
      case 'wait':
        if (await watchAll(client, directory, decision.on, notified)) await patience.race(wake.promise);
        break;
      case 'wait-for-any': {
        const again = await client.getChildren(directory, { watch: notified });
        if (contention.decide(again.children, baseName(node.path)).kind === 'wait-for-any') {
          await patience.race(wake.promise);
        }
        break;
      }
      default:
        decision satisfies never;
    }
  }
}

/**
 * Leaves a watch on each; false when one of them is gone already. The watch is left by a read of the data and not by
 * `exists`, which on a node that is gone would leave a watch that nobody ever takes away.
 */
async function watchAll(
  client: ZooKeeperClient,
  directory: string,
  names: readonly string[],
  notified: () => void,
): Promise<boolean> {
  for (const name of names) {
    try {
      await client.getData(join(directory, name), { watch: notified });
    } catch (error) {
      if (isNoNode(error)) return false;
      throw error;
    }
  }
  return true;
}

async function hold(client: ZooKeeperClient, node: ProtectedNode): Promise<NodeGrant | null> {
  const grant = new NodeGrant(client, node.path, node.stat.czxid);
  // Also the proof that the node is there and ours at a moment when it was first in line.
  const followed = await follow(client, grant, node.path);
  return followed ? grant : null;
}

/** Ends the grant when its node goes without us. */
async function follow(client: ZooKeeperClient, grant: NodeGrant, path: string): Promise<boolean> {
  const stat = await client.exists(path, {
    watch: (event) => {
      if (event.type === 'deleted') grant.lose('somebody deleted its node');
      else if (event.type !== 'session-lost' && grant.held) {
        follow(client, grant, path).catch(() => grant.lose('its node can no longer be read'));
      }
    },
  });
  if (stat !== null && stat.ephemeralOwner === client.session?.id) return true;
  grant.lose('its node does not belong to this session');
  return false;
}

/** Best effort has no place here: a contender left behind blocks everybody behind it. */
async function leaveLine(client: ZooKeeperClient, directory: string, mark: string): Promise<void> {
  try {
    await removeMarked(client, directory, mark);
  } catch (error) {
    // No directory, or no session: then nothing of ours is there or it is about to go.
    if (!isNoNode(error) && !isSessionLost(error) && !isClosed(error)) throw error;
  }
}
