/** A database going out as a snapshot, and coming in. */
import assert from 'node:assert';
import {
  encodeSnapshotAcl,
  encodeSnapshotAclCount,
  encodeSnapshotSession,
  encodeSnapshotSessionCount,
  type SnapshotDigest,
  type SnapshotItem,
} from '@menagerie/zookeeper-protocol';
import type { SnapshotSink, SnapshotSource } from '../contract/index.js';
import { SnapshotAbandonedError } from '../errors.js';
import type { DataTree } from '../tree/data-tree.js';
import type { SnapshotWalk } from '../tree/snapshot-walk.js';
import type { ReplicatedState } from './apply-txn.js';

/** The tables are written at once: they are small beside the tree, and belong to this moment. */
export function startSnapshot(state: ReplicatedState, zxid: bigint): SnapshotSource | null {
  const { tree, sessions } = state;
  const walk = tree.walks.begin(tree.root.stat, zxid);
  if (walk === null) return null;
  encodeSnapshotSessionCount(walk.head, sessions.size);
  for (const [sessionId, timeoutMs] of sessions) encodeSnapshotSession(walk.head, sessionId, timeoutMs);
  encodeSnapshotAclCount(walk.head, tree.acls.size);
  for (const entry of tree.acls.entries()) encodeSnapshotAcl(walk.head, entry.id, entry.acl);
  return new TreeSnapshot(tree, walk, zxid, tree.digest.value);
}

class TreeSnapshot implements SnapshotSource {
  private over = false;

  constructor(
    private readonly tree: DataTree,
    private readonly walk: SnapshotWalk,
    readonly zxid: bigint,
    readonly treeDigest: bigint,
  ) {}

  next(maxBytes: number): Buffer | null {
    if (this.over) return null;
    if (!this.tree.walks.isRunning(this.walk)) {
      this.over = true;
      throw new SnapshotAbandonedError(
        'expected to write the snapshot to its end, but it fell behind or its state is gone',
      );
    }
    const piece = this.walk.next(maxBytes);
    if (piece === null) this.abort();
    return piece;
  }

  abort(): void {
    this.over = true;
    this.tree.walks.end(this.walk);
  }
}

/** Fills a tree and a session table which are empty; `done` makes them the database's. */
export class SnapshotLoad implements SnapshotSink {
  private finished = false;

  constructor(
    private readonly state: ReplicatedState,
    private readonly done: (zxid: bigint, digest: SnapshotDigest | null) => void,
  ) {}

  push(item: SnapshotItem): void {
    const { tree, sessions } = this.state;
    switch (item.kind) {
      case 'session':
        sessions.set(item.sessionId, item.timeoutMs);
        return;
      case 'acl':
        tree.acls.load(item.index, item.acl);
        return;
      case 'node':
        tree.load(item.path, item.data, item.aclIndex, item.stat);
    }
  }

  finish(zxid: bigint, digest: SnapshotDigest | null = null): void {
    assert(!this.finished, 'expected one finish() of a snapshot');
    this.finished = true;
    this.state.tree.acls.purgeUnused();
    this.done(zxid, digest);
  }
}
