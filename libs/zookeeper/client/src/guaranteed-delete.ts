/**
 * Deletes a node that must not stay, whatever happens to the connection meanwhile. A lock whose delete was lost would
 * otherwise block its own owner for as long as the session lives (Curator's "guaranteed" delete).
 */
import type { GuaranteedDeleteOptions, ZooKeeperClient } from './api.js';
import { isNoNode, isSessionLost, isZooKeeperError } from './errors.js';

/** Calls are tried again at once, since a call waits for a connection by itself; this bounds a server that keeps refusing. */
const MAX_TRIES = 1_000;

/** @throws what the server answers for good (no permission, another version), ZkAbortedError, ZkClosedError */
export async function deleteGuaranteed(
  client: Pick<ZooKeeperClient, 'delete'>,
  path: string,
  { ephemeral = false, ...options }: GuaranteedDeleteOptions,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await client.delete(path, options);
      return;
    } catch (error) {
      if (isNoNode(error) || (ephemeral && isSessionLost(error))) return;
      if (!isZooKeeperError(error) || !error.retryable || tries === MAX_TRIES) throw error;
    }
  }
}
