/**
 * What the tree will look like once everything that was proposed is applied: the tree, and over it the changes on
 * their way, by path and in zxid order. Preparation checks and computes against this, which is what lets a client send
 * a write before it has the answer to the one it builds on. Source: ZooKeeperServer.ChangeRecord, outstandingChanges.
 */
import { OwnerKind } from '@menagerie/zookeeper-protocol';
import type { AclEntry } from '../tree/acl-table.js';
import type { DataTree } from '../tree/data-tree.js';
import type { StatRef } from '../tree/stat-table.js';
import { pathBytes } from '../tree/owner-index.js';
import { contentCrcOf, countsForDigest, digestOf, DigestSum, pathCrcOf } from '../tree/tree-digest.js';
import type { NodeState } from '../tree/tree-node.js';

/** A node as it will be after one transaction. */
export class PendingChange implements NodeState {
  digest = 0;
  /** The change of the same path which this one hides; kept only as long as it may have to come back. */
  hidden: PendingChange | null = null;
  /** What a new ephemeral adds to its owner's closeSession; 0 for any other change. */
  ephemeralBytes = 0;

  constructor(
    readonly zxid: bigint,
    readonly path: string,
    /** False: the node will be gone. Then nothing else means anything. */
    readonly exists: boolean,
    readonly stat: StatRef,
    readonly kind: OwnerKind,
    public acl: AclEntry,
    readonly counted: boolean,
    readonly pathCrc: number,
    public contentCrc: number,
  ) {}
}

/** Removed entries are cut off the front of the list in steps of this many. */
const COMPACT_AT = 1024;

export class PendingChanges {
  /** In zxid order. Entries before `first` are applied. Bounded by what may be outstanding, see `RequestServerConfig`. */
  private changes: PendingChange[] = [];
  private first = 0;
  /** The newest change of each path. Invariant: each value is in `changes`, at or behind `first`. */
  private readonly byPath = new Map<string, PendingChange>();
  /** Bytes that the paths of ephemerals on their way take in a closeSession of their owner. */
  private readonly ephemeralBytes = new Map<bigint, number>();
  /** The tree's digest after the newest change. */
  private readonly digestSum = new DigestSum();
  /** How it was when the transaction in preparation was begun. */
  private savedLength = 0;
  private readonly savedDigest = new DigestSum();

  constructor(private readonly tree: DataTree) {}

  get size(): number {
    return this.changes.length - this.first;
  }

  /** The tree's digest once everything that is on its way is applied. */
  get treeDigest(): bigint {
    return (this.size === 0 ? this.tree.digest : this.digestSum).value;
  }

  /** The node as it will be; null if there will be none. */
  find(path: string): NodeState | null {
    const change = this.byPath.get(path);
    if (change !== undefined) return change.exists ? change : null;
    return this.tree.get(path) ?? null;
  }

  /** A copy of the node's state for the caller to change, who then calls `settle`. */
  change(node: NodeState, zxid: bigint): PendingChange {
    const stat = this.tree.stats.duplicate(node.stat);
    const { path, kind, acl, counted, pathCrc, contentCrc } = node;
    return this.push(new PendingChange(zxid, path, true, stat, kind, acl, counted, pathCrc, contentCrc), node.digest);
  }

  /** A node that comes to be; settled already. */
  create(
    path: string,
    data: Buffer | null,
    acl: AclEntry,
    kind: OwnerKind,
    owner: bigint,
    zxid: bigint,
    timeMs: number,
  ): void {
    const counted = countsForDigest(path);
    const pathCrc = counted ? pathCrcOf(path) : 0;
    const contentCrc = counted ? contentCrcOf(pathCrc, data) : 0;
    const stat = this.tree.stats.create(zxid, timeMs, owner, data === null ? 0 : data.length);
    const change = new PendingChange(zxid, path, true, stat, kind, acl, counted, pathCrc, contentCrc);
    this.push(change, 0);
    this.settle(change);
    if (kind !== OwnerKind.session) return;
    change.ephemeralBytes = pathBytes(path);
    this.countEphemeral(owner, change.ephemeralBytes);
  }

  /** A node that goes. */
  delete(node: NodeState, zxid: bigint): void {
    const { path, kind, acl, counted, pathCrc } = node;
    this.push(new PendingChange(zxid, path, false, -1, kind, acl, counted, pathCrc, 0), node.digest);
  }

  /** The change is complete: its digest takes the place of the one before it. */
  settle(change: PendingChange): void {
    change.digest = digestOf(this.tree.stats, change);
    this.digestSum.add(change.digest);
  }

  /** Transactions up to here are in the tree. */
  applied(zxid: bigint): void {
    while (this.first < this.changes.length && this.changes[this.first]!.zxid <= zxid) {
      const change = this.changes[this.first++]!;
      if (this.byPath.get(change.path) === change) this.byPath.delete(change.path);
      this.discard(change);
    }
    if (this.first < COMPACT_AT && this.first < this.changes.length) return;
    this.changes = this.changes.slice(this.first);
    this.first = 0;
  }

  /** A transaction is prepared from here on; `keep` or `rollBack` ends that before anything is applied. */
  begin(): void {
    if (this.size === 0) this.digestSum.copy(this.tree.digest);
    this.savedLength = this.changes.length;
    this.savedDigest.copy(this.digestSum);
  }

  /**
   * Takes back all changes since `begin`; what they hid is valid again, parents included (ZOOKEEPER-1624: a failed
   * multi left wrong sequence numbers behind).
   */
  rollBack(): void {
    while (this.changes.length > this.savedLength) {
      const change = this.changes.pop()!;
      if (change.hidden === null) this.byPath.delete(change.path);
      else this.byPath.set(change.path, change.hidden);
      this.discard(change);
    }
    this.digestSum.copy(this.savedDigest);
  }

  /** The changes since `begin` will be applied. */
  keep(): void {
    for (let i = this.savedLength; i < this.changes.length; i++) this.changes[i]!.hidden = null;
  }

  /** Paths the session will own, those on their way included and those on their way out not. */
  ephemeralsOf(sessionId: bigint): Set<string> {
    const paths = new Set<string>();
    for (const node of this.tree.owners.ephemeralsOf(sessionId)) paths.add(node.path);
    for (let i = this.first; i < this.changes.length; i++) {
      const change = this.changes[i]!;
      if (!change.exists) paths.delete(change.path);
      else if (change.kind === OwnerKind.session && this.tree.stats.ephemeralOwner(change.stat) === sessionId) {
        paths.add(change.path);
      }
    }
    return paths;
  }

  /** At most: what goes away meanwhile is still counted until it is gone. */
  ephemeralBytesOf(sessionId: bigint): number {
    return this.tree.owners.pathBytesOf(sessionId) + (this.ephemeralBytes.get(sessionId) ?? 0);
  }

  private push(change: PendingChange, previousDigest: number): PendingChange {
    this.digestSum.subtract(previousDigest);
    change.hidden = this.byPath.get(change.path) ?? null;
    this.byPath.set(change.path, change);
    this.changes.push(change);
    return change;
  }

  /** The change is out of the list: it holds on to nothing any more. */
  private discard(change: PendingChange): void {
    change.hidden = null;
    if (!change.exists) return;
    const { stats } = this.tree;
    if (change.ephemeralBytes > 0) this.countEphemeral(stats.ephemeralOwner(change.stat), -change.ephemeralBytes);
    stats.release(change.stat);
  }

  private countEphemeral(owner: bigint, added: number): void {
    const bytes = (this.ephemeralBytes.get(owner) ?? 0) + added;
    if (bytes === 0) this.ephemeralBytes.delete(owner);
    else this.ephemeralBytes.set(owner, bytes);
  }
}
