/**
 * Deletes a node that must not stay, whatever happens to the connection meanwhile. A lock whose delete was lost would
 * otherwise block its own owner for as long as the session lives (Curator's "guaranteed" delete).
 */
import type { GuaranteedDeleteOptions, ZooKeeperClient } from './api.js';
import { isNoNode, isSessionLost, isZooKeeperError } from './errors.js';
import { pause } from './pause.js';

/** A call waits for a connection by itself: these are for a server that keeps refusing for a reason which may pass. */
const MAX_TRIES = 1_000;
const PAUSE_MS = 20;

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
      await pause(PAUSE_MS, options.signal);
    }
  }
}
