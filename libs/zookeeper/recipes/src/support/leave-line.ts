/** What a contender that gives up does: nothing of it may stay, and its caller must not wait for an outage to end. */
import { isClosed, isSessionLost, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { breathe, isPassing } from './passing.js';

/** With a connection, removing takes milliseconds; without one it goes on behind the caller's back. */
const GRACE_MS = 1000;
/** Each try waits for a connection for a call's own deadline: far longer than any session lives without one. */
const MAX_TRIES = 1000;

/**
 * Removes what carries the mark. Resolves when that is done or, at the latest, after a grace time: the removal then goes
 * on until it has succeeded or the session is over, which removes the node as surely.
 * @throws what the server refuses for good, within the grace time.
 */
export async function leaveLine(client: ZooKeeperClient, directory: string, mark: string): Promise<void> {
  const timeIsUp = new AbortController();
  const removal = remove(client, directory, mark);
  // Behind the caller's back a refusal for good has nobody to hear it; the node stays as long as the session.
  removal.catch(() => undefined);
  try {
    await Promise.race([removal, breathe(timeIsUp.signal, GRACE_MS)]);
  } finally {
    timeIsUp.abort();
  }
}

async function remove(client: ZooKeeperClient, directory: string, mark: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await client.deleteProtected(directory, mark, { ephemeral: true });
    } catch (error) {
      // No session: then what there is of ours is about to go.
      if (isSessionLost(error) || isClosed(error)) return;
      if (!isPassing(error) || tries === MAX_TRIES) throw error;
      await breathe();
    }
  }
}
