/**
 * Two ways for a node to go for certain, by what becomes of it with its session. Both name the creation they mean, since a
 * repeated delete would otherwise take away what others have made at the path meanwhile.
 */
import { isClosed, type ZooKeeperClient } from '@menagerie/zookeeper-client';

/**
 * For ephemeral nodes: resolves when it is gone, or certain to go with its session, which is over.
 * @param czxid which creation is meant.
 * @throws what the server answers for good, such as missing permission.
 */
export async function guaranteedDelete(client: ZooKeeperClient, path: string, czxid: bigint): Promise<void> {
  try {
    await client.deleteGuaranteed(path, { czxid, ephemeral: true });
  } catch (error) {
    if (!isClosed(error)) throw error;
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
  return client.deleteGuaranteed(path, { czxid, ...(signal && { signal }) });
}
