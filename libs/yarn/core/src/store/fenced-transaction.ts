/**
 * Every write of the store is one transaction: create the fencing node, do the real work, delete the fencing node.
 *
 * A setData deep in the tree needs no right on the root; the pair around it is what makes all writes need it. The node
 * never outlives the transaction.
 *
 * Writes are told apart from their spelling: `put` means that the node shall have this data, whether it is there or
 * not. That makes a write safe to repeat when the reply to it was lost, which `adaptToRefusal` does step by step.
 *
 * Source: `ZKCuratorManager.SafeTransaction`.
 */
import { YarnRequestError } from '@menagerie/yarn-protocol';
import type { Acl } from '@menagerie/zookeeper-protocol';

/**
 * `yarn.resourcemanager.zk-max-znode-size.bytes`. YARN's default is 1,048,576, one byte more than a whole request may
 * have by ZooKeeper's default (`jute.maxbuffer` 1,048,575): such a write ended the connection, so the ResourceManager
 * gave up being active, and so did the next. The rest of the request needs room too; 8 KiB is plenty.
 */
export const DEFAULT_ZNODE_LIMIT_BYTES = 1_048_575 - 8_192;

/** What a write wants. */
export type StoreWrite =
  | { readonly kind: 'put'; readonly path: string; readonly data: Buffer }
  | { readonly kind: 'remove'; readonly path: string };

/** How it is said to ZooKeeper; same shape as the client's multi operations. */
export type StoreOp =
  | { readonly kind: 'create'; readonly path: string; readonly data: Buffer; readonly acl: readonly Acl[] }
  | { readonly kind: 'set-data'; readonly path: string; readonly data: Buffer }
  | { readonly kind: 'delete'; readonly path: string };

export type StoreRefusal = 'node-exists' | 'no-node';

const NO_DATA = Buffer.alloc(0);

/** @throws YarnRequestError `YARN_TOO_LARGE` when data does not fit into a znode */
export function checkSize(write: StoreWrite, limitBytes: number): void {
  if (write.kind !== 'put' || write.data.length <= limitBytes) return;
  throw new YarnRequestError(
    'YARN_TOO_LARGE',
    `${write.path}: expected at most ${limitBytes} bytes for one znode, got ${write.data.length}`,
  );
}

/** @param known whether the node is believed to be there already: the first spelling of each write */
export function spell(write: StoreWrite, known: boolean, acl: readonly Acl[]): StoreOp {
  if (write.kind === 'remove') return { kind: 'delete', path: write.path };
  return known
    ? { kind: 'set-data', path: write.path, data: write.data }
    : { kind: 'create', path: write.path, data: write.data, acl };
}

/** The whole transaction. The index of an operation in a refusal is one more than in `ops`. */
export function fencedTransaction(
  fencingLock: string,
  ops: readonly StoreOp[],
  acl: readonly Acl[],
): readonly StoreOp[] {
  return [{ kind: 'create', path: fencingLock, data: NO_DATA, acl }, ...ops, { kind: 'delete', path: fencingLock }];
}

/**
 * The operations to try instead after one was refused, or null when the refusal is a real one. A node that is there is
 * overwritten, one that is not is created, and one to be deleted that is gone already is deleted enough.
 *
 * @param index of the refused operation in `ops`
 */
export function adaptToRefusal(
  ops: readonly StoreOp[],
  index: number,
  refusal: StoreRefusal,
  acl: readonly Acl[],
): readonly StoreOp[] | null {
  const op = ops[index];
  if (op?.kind === 'create' && refusal === 'node-exists') {
    return ops.with(index, { kind: 'set-data', path: op.path, data: op.data });
  }
  if (op?.kind === 'set-data' && refusal === 'no-node') {
    return ops.with(index, { kind: 'create', path: op.path, data: op.data, acl });
  }
  if (op?.kind === 'delete' && refusal === 'no-node') return ops.toSpliced(index, 1);
  return null;
}
