/**
 * Creates a sequential node so that exactly one stands for us, also when the reply is lost in between.
 *
 * The hazard: the connection goes after the server made the node and before we heard its name. A blind second try
 * leaves an orphan in front of us that lives as long as our own session, and we wait for it for ever (go-zookeeper
 * #229, kazoo #732). The remedy is a mark in the name: look for it before trying again. If the session changed in
 * between, what is found belongs to the old one and will vanish under us, so it is removed (Curator's ProtectedMode);
 * what counts is the node's `ephemeralOwner`, never our memory of the session (CURATOR-696).
 *
 * Looking is not enough by itself: after the reconnect we may be at another server, which need not have applied yet
 * what the first one got through. Hence the `sync`: when it is answered, what was under way has been done or never will.
 */
import { isMaybeDone, isNoNode, isSessionLost, type NodeData, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { CreateMode, type Acl, type Stat } from '@menagerie/zookeeper-protocol';
import { guaranteedDelete } from './guaranteed-delete.js';
import { carriesMark, join, protectedPrefix } from './names.js';
import { isPassing } from './passing.js';
import type { Patience } from './waiting.js';
import { makeDirectory } from './make-directory.js';

export interface ProtectedNode {
  readonly path: string;
  readonly stat: Stat;
}

export interface ProtectedCreateOptions {
  readonly directory: string;
  /** A UUID, new for each contention. */
  readonly mark: string;
  readonly kind: string;
  readonly data: NodeData;
  readonly acl?: readonly Acl[];
  /** Default: ephemeral. */
  readonly persistent?: boolean;
  /** The mark was used before: an earlier try may have left a node. */
  readonly lookFirst?: boolean;
}

/** A loop of lost replies ends: each round needs a connection that was there and went. */
const MAX_ROUNDS = 100;

/** @returns a node that is there, carries the mark, and (if ephemeral) belongs to the session of this moment. */
export async function protectedCreate(
  client: ZooKeeperClient,
  options: ProtectedCreateOptions,
  patience: Patience,
): Promise<ProtectedNode> {
  const mode = options.persistent ? CreateMode.persistentSequential : CreateMode.ephemeralSequential;
  const prefix = join(options.directory, protectedPrefix(options.mark, options.kind));
  const { signal } = patience;
  const callOptions = { mode, signal, ...(options.acl ? { acl: options.acl } : {}) };
  for (let round = 1; ; round += 1) {
    patience.throwIfOver();
    try {
      if (round > 1 || options.lookFirst) {
        const found = await findMarked(client, options, signal);
        if (found) return found;
      }
      const created = await client.create(prefix, options.data, callOptions);
      const stat = created.stat ?? (await client.exists(created.path, { signal }));
      if (stat && isOurs(client, stat, options)) return { path: created.path, stat };
    } catch (error) {
      if (isNoNode(error)) await makeDirectory(client, options.directory, signal);
      else if (!(isMaybeDone(error) || isSessionLost(error) || isPassing(error)) || round === MAX_ROUNDS) throw error;
    }
  }
}

/** The node with our mark, if it is ours now; one of an earlier session is removed. */
async function findMarked(
  client: ZooKeeperClient,
  options: ProtectedCreateOptions,
  signal: AbortSignal,
): Promise<ProtectedNode | null> {
  for (const path of await marked(client, options.directory, options.mark, signal)) {
    const stat = await client.exists(path, { signal });
    if (stat && isOurs(client, stat, options)) return { path, stat };
    if (stat) await guaranteedDelete(client, path, stat.czxid);
  }
  return null;
}

async function marked(client: ZooKeeperClient, directory: string, mark: string, signal?: AbortSignal) {
  const options = signal ? { signal } : {};
  await client.sync(directory, options);
  const { children } = await client.getChildren(directory, options);
  return children.filter((name) => carriesMark(name, mark)).map((name) => join(directory, name));
}

function isOurs(client: ZooKeeperClient, stat: Stat, options: ProtectedCreateOptions): boolean {
  return options.persistent === true || stat.ephemeralOwner === client.session?.id;
}

/** Removes every node with this mark: what a contender that gave up must not leave behind (CURATOR-79, CURATOR-335). */
export async function removeMarked(client: ZooKeeperClient, directory: string, mark: string): Promise<void> {
  for (const path of await marked(client, directory, mark)) {
    const stat = await client.exists(path);
    if (stat) await guaranteedDelete(client, path, stat.czxid);
  }
}
