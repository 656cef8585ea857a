/**
 * Deletes an ephemeral node that must not stay, whatever happens to the connection meanwhile. A lock whose delete was lost would
 * otherwise block its own owner for as long as the session lives (Curator's "guaranteed" delete).
 */
import { isClosed, isNoNode, isSessionLost, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { breathe, isPassing } from './passing.js';

/** A call waits for a connection by itself, for its own deadline; this bounds a server that keeps refusing. */
const MAX_TRIES = 1000;

/**
 * Resolves when the node is gone, or certain to go: with its session, which is over.
 * @throws what the server answers for good, such as missing permission.
 */
export async function guaranteedDelete(client: ZooKeeperClient, path: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.delete(path);
      return;
    } catch (error) {
      if (isNoNode(error) || isSessionLost(error) || isClosed(error)) return;
      if (!isPassing(error) || tries === MAX_TRIES) throw error;
      await breathe();
    }
  }
}

/**
 * The same for a node that no session takes with it: tried again in the next session too.
 * @throws what the server answers for good, or the client's `ZK_CLOSED`.
 */
export async function deletePersistent(client: ZooKeeperClient, path: string, signal?: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.delete(path, signal ? { signal } : {});
      return;
    } catch (error) {
      if (isNoNode(error)) return;
      if ((!isPassing(error) && !isSessionLost(error)) || signal?.aborted || tries === MAX_TRIES) throw error;
      await breathe(signal);
    }
  }
}
