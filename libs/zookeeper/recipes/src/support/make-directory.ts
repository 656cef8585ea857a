/** Making a directory that a recipe needs: safe to repeat, so it is repeated until an answer has come. */
import { isMaybeDone, isNoNode, isSessionLost, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { breathe, isPassing } from './passing.js';

const MAX_TRIES = 1000;

/** @throws what the server refuses for good, or the client's `ZK_ABORTED` when the signal fires. */
export async function makeDirectory(client: ZooKeeperClient, path: string, signal?: AbortSignal): Promise<void> {
  if (path === '' || path === '/') return;
  for (let tries = 1; ; tries += 1) {
    try {
      await client.mkdirp(path, signal ? { signal } : {});
      return;
    } catch (error) {
      const again = isNoNode(error) || isMaybeDone(error) || isPassing(error) || isSessionLost(error);
      if (!again || signal?.aborted || tries === MAX_TRIES) throw error;
      await breathe(signal);
    }
  }
}

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
