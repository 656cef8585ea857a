/**
 * Deletes a node that must not stay, whatever happens to the connection meanwhile. A lock whose delete was lost would
 * otherwise block its own owner for as long as the session lives (Curator's "guaranteed" delete).
 *
 * The hazard of repeating: the first try was done, its reply was lost, somebody else has made a node at the same path
 * since, and the second try takes that one away. So a caller who knows the creation it means says so (`czxid`), and
 * before anything is repeated the node is looked at; behind a `sync`, since another server may answer than the one that
 * has the first try.
 */
import type { GuaranteedDeleteOptions, ZooKeeperClient } from './api.js';
import { isNoNode, isSessionLost, isZooKeeperError } from './errors.js';
import { pause } from './pause.js';

/** A call waits for a connection by itself: these are for a server that keeps refusing for a reason which may pass. */
const MAX_TRIES = 1_000;
const PAUSE_MS = 20;

/** @throws what the server answers for good (no permission, another version), ZkAbortedError, ZkClosedError */
export async function deleteGuaranteed(
  client: Pick<ZooKeeperClient, 'delete' | 'exists' | 'sync'>,
  path: string,
  { ephemeral = false, czxid, version, ...call }: GuaranteedDeleteOptions,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      if (tries > 1 && czxid !== undefined) {
        await client.sync(path, call);
        if ((await client.exists(path, call))?.czxid !== czxid) return;
      }
      await client.delete(path, { ...call, ...(version !== undefined && { version }) });
      return;
    } catch (error) {
      if (isNoNode(error) || (ephemeral && isSessionLost(error))) return;
      if (!isZooKeeperError(error) || !error.retryable || tries === MAX_TRIES) throw error;
      await pause(PAUSE_MS, call.signal);
    }
  }
}
