/**
 * The procedure behind every recipe in which contenders stand in line: create a node, look at the line, and either hold
 * or wait for the one or two others that matter. What to wait for is the recipe's decision, a pure function; this file
 * only carries it out.
 */
import { randomUUID } from 'node:crypto';
import {
  isNoNode,
  isSessionLost,
  type NodeData,
  type ProtectedCreateResult,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import type { Acl } from '@menagerie/zookeeper-protocol';
import { NodeGrant } from './grant.js';
import { leaveLine } from './leave-line.js';
import { baseName, join } from './names.js';
import { breathe, isPassing } from './passing.js';
import { protectedCreate } from './protected-create.js';
import { Patience, Wake, type WaitOptions } from './waiting.js';

/** What a look at the line came to. */
export type LineDecision =
  | { readonly kind: 'held' }
  /** Wait until one of these is gone, then look again. */
  | { readonly kind: 'wait'; readonly on: readonly string[] }
  /** Wait until anything in the directory changes: the herd. The contention must say `watchDirectory`. */
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
  /** Each look leaves a watch on the directory, for decisions that wait for any change. */
  readonly watchDirectory?: boolean;
  readonly acl?: readonly Acl[];
  /** Told of each notification that arrived while waiting, for those who count the herd. */
  readonly onNotified?: () => void;
  /** Told each time a look ended in waiting, with the watch left, and how many names it saw: for the same people. */
  readonly onWaiting?: (seen: number) => void;
}

/**
 * Stands in line until held. An outage is waited out, for as long as the caller's patience lasts; a lost session means
 * to begin again at the end of the line.
 * @throws RecipeError `RECIPE_ABORTED` or `RECIPE_TIMEOUT`; nothing of ours stays in the line then.
 */
export async function contend(
  client: ZooKeeperClient,
  contention: Contention,
  options: WaitOptions,
): Promise<NodeGrant> {
  const patience = new Patience(`contending in ${contention.directory}`, options);
  let mark = randomUUID();
  let lookFirst = false;
  try {
    for (;;) {
      try {
        const grant = await standInLine(client, contention, { mark, lookFirst }, patience);
        if (grant) return grant;
        // Our node vanished. With a new mark, so that nothing old can be taken for ours.
        [mark, lookFirst] = [randomUUID(), false];
      } catch (error) {
        if (!patience.isOver && isSessionLost(error)) {
          [mark, lookFirst] = [randomUUID(), false];
        } else if (!patience.isOver && isPassing(error)) {
          lookFirst = true;
          await breathe(patience.signal);
        } else {
          await leaveLine(client, contention.directory, mark);
          throw patience.isOver ? patience.error() : error;
        }
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
  place: { readonly mark: string; readonly lookFirst: boolean },
  patience: Patience,
): Promise<NodeGrant | null> {
  const { directory, kind, data, acl } = contention;
  const node = await protectedCreate(client, { directory, kind, data, ...place, ...(acl ? { acl } : {}) }, patience);
  const { signal } = patience;
  for (;;) {
    patience.throwIfOver();
    // Of an earlier session: it may stand there still, and is about to go.
    if (node.stat.ephemeralOwner !== client.session?.id) return null;
    const wake = new Wake();
    let waits = false;
    const notified = () => {
      if (waits) contention.onNotified?.();
      wake.fire();
    };
    // One list, read again after every wake: an event says that something changed and never what is true now.
    const watch = contention.watchDirectory ? { watch: notified } : {};
    const { children } = await client.getChildren(directory, { signal, ...watch });
    const decision = contention.decide(children, baseName(node.path));
    switch (decision.kind) {
      case 'held':
        return await hold(client, node, signal);
      case 'gone':
        return null;
      case 'wait':
        waits = true;
        if (!(await watchAll(client, directory, decision.on, notified, signal))) break;
        contention.onWaiting?.(children.length);
        await patience.race(wake.promise);
        break;
      case 'wait-for-any':
        waits = true;
        contention.onWaiting?.(children.length);
        await patience.race(wake.promise);
        break;
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
  signal: AbortSignal,
): Promise<boolean> {
  for (const name of names) {
    try {
      await client.getData(join(directory, name), { watch: notified, signal });
    } catch (error) {
      if (isNoNode(error)) return false;
      throw error;
    }
  }
  return true;
}

async function hold(
  client: ZooKeeperClient,
  node: ProtectedCreateResult,
  signal: AbortSignal,
): Promise<NodeGrant | null> {
  const grant = new NodeGrant(client, node.path, node.stat.czxid);
  try {
    // Also the proof that the node is there and ours at a moment when it was first in line.
    return (await follow(client, grant, signal)) ? grant : null;
  } catch (error) {
    grant.lose('given up before it was handed out');
    throw error;
  }
}

/** Ends the grant when its node goes without us. */
export async function follow(client: ZooKeeperClient, grant: NodeGrant, signal?: AbortSignal): Promise<boolean> {
  const stat = await client.exists(grant.path, {
    ...(signal ? { signal } : {}),
    watch: (event) => {
      if (event.type === 'deleted') grant.lose('somebody deleted its node');
      else if (event.type !== 'session-lost' && grant.held) void followOn(client, grant);
    },
  });
  // The creation too: the same path may have been made again by somebody else of this session.
  if (stat !== null && stat.ephemeralOwner === client.session?.id && stat.czxid === grant.fencingToken) return true;
  grant.lose('its node does not belong to this session');
  return false;
}

/** Until a read succeeds: only the end of the session, which ends the grant by itself, is a reason to stop. */
async function followOn(client: ZooKeeperClient, grant: NodeGrant): Promise<void> {
  while (grant.held) {
    try {
      await follow(client, grant);
      return;
    } catch (error) {
      if (!isPassing(error)) return grant.lose('its node can no longer be read');
      await breathe(grant.signal);
    }
  }
}
