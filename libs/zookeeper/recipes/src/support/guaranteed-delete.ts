/**
 * Deleting a node that must not stay, whatever happens to the connection meanwhile. A lock whose delete was lost would
 * otherwise block its own owner for as long as the session lives (Curator's "guaranteed" delete).
 *
 * The hazard of repeating: the first try was done, its reply was lost, somebody else has made a node at the same path
 * since, and the second try takes that one away. So, before it is repeated, it is made sure that the node is still the
 * one meant, by its creation; and a `sync` before that look, since another server may answer it than the one that has
 * the first try.
 */
import { isClosed, isNoNode, isSessionLost, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { breathe, isPassing } from './passing.js';

/** A call waits for a connection by itself, for its own deadline; this bounds a server that keeps refusing. */
const MAX_TRIES = 1000;

/**
 * For ephemeral nodes: resolves when it is gone, or certain to go with its session, which is over.
 * @param czxid which creation is meant.
 * @throws what the server answers for good, such as missing permission.
 */
export async function guaranteedDelete(client: ZooKeeperClient, path: string, czxid: bigint): Promise<void> {
  try {
    await insist(client, path, czxid, isPassing);
  } catch (error) {
    if (!isSessionLost(error) && !isClosed(error)) throw error;
  }
}

/**
 * The same for a node that no session takes with it: tried again in the next session too.
 * @throws what the server answers for good, or the client's `ZK_CLOSED`.
 */
export function deletePersistent(
  client: ZooKeeperClient,
  path: string,
  czxid: bigint,
  signal?: AbortSignal,
): Promise<void> {
  return insist(client, path, czxid, (error) => isPassing(error) || isSessionLost(error), signal);
}

async function insist(
  client: ZooKeeperClient,
  path: string,
  czxid: bigint,
  mayRepeat: (error: unknown) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const options = signal ? { signal } : {};
  for (let tries = 1; ; tries += 1) {
    try {
      if (tries > 1) {
        await client.sync(path, options);
        if ((await client.exists(path, options))?.czxid !== czxid) return;
      }
      await client.delete(path, options);
      return;
    } catch (error) {
      if (isNoNode(error)) return;
      if (!mayRepeat(error) || signal?.aborted || tries === MAX_TRIES) throw error;
      await breathe(signal);
    }
  }
}
