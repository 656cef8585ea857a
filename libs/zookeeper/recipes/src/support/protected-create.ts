/**
 * A contender's node, made by the client's protected create: exactly one stands for it, also when the reply is lost in
 * between. The hazard and the remedy are told in the client's `protected-create.ts`.
 */
import { type NodeData, type ProtectedCreateResult, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { CreateMode, type Acl } from '@menagerie/zookeeper-protocol';
import { join } from './names.js';
import type { Patience } from './waiting.js';

export interface ProtectedNodeOptions {
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

/**
 * The directory is made if it is missing.
 * @returns a node that is there, carries the mark, and (if ephemeral) belongs to the session of this moment.
 */
export async function protectedCreate(
  client: ZooKeeperClient,
  { directory, mark, kind, data, acl, persistent = false, lookFirst = false }: ProtectedNodeOptions,
  patience: Patience,
): Promise<ProtectedCreateResult> {
  patience.throwIfOver();
  return await client.createProtected(join(directory, `${kind}-`), data, {
    mode: persistent ? CreateMode.persistentSequential : CreateMode.ephemeralSequential,
    mark,
    lookFirst,
    makeParents: true,
    signal: patience.signal,
    ...(acl && { acl }),
  });
}
