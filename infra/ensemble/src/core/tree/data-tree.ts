/**
 * The tree itself: what each kind of change does to nodes and their stats, and nothing about why.
 *
 * Every change may be repeated over a state that holds it already (recovery replays the log over a snapshot which may
 * hold part of it, zab.md section 7): then counters only ever rise. A change that can not be done says why with an
 * error code; that is normal in a replay and never happens to a transaction that preparation has let through.
 * Source: DataTree.java, DataNode.java.
 */
import assert from 'node:assert';
import { type Acl, ErrorCode, OwnerKind, ownerKind, READ_ACL, type StatPersisted } from '@menagerie/zookeeper-protocol';
import { SnapshotContentError } from '../errors.js';
import { AclTable } from './acl-table.js';
import { NodeField, NodeTable, NONE } from './node-table.js';
import { OwnerIndex } from './owner-index.js';
import { PathIndex } from './path-index.js';
import { CONFIG_NODE, parentPathOf, QUOTA_NODE, ROOT, ZOOKEEPER_NODE } from './paths.js';
import { Quotas } from './quotas.js';
import { SnapshotWalks } from './snapshot-walks.js';
import { type StatRef, StatTable } from './stat-table.js';
import { countsForDigest, DigestSum } from './tree-digest.js';
import { TreeNode } from './tree-node.js';

/** Told of changes after they were made, in the order in which watches must fire. */
export interface TreeObserver {
  created(node: TreeNode): void;
  /** `node` is out of the tree; its parent is not told of yet. */
  deleted(node: TreeNode): void;
  dataChanged(node: TreeNode): void;
  childrenChanged(parent: TreeNode): void;
}

export interface DataTreeOptions {
  /** Whether owners tagged 0xff are times to live (`zookeeper.extendedTypesEnabled`). */
  readonly extendedTypes: boolean;
  readonly observer?: TreeObserver | null;
  /** Of the hash of paths: any number, which clients should not know. */
  readonly hashSeed?: number;
}

export class DataTree {
  readonly stats = new StatTable();
  readonly acls = new AclTable();
  readonly owners = new OwnerIndex();
  readonly digest = new DigestSum();
  readonly quotas = new Quotas(this);
  observer: TreeObserver | null;
  private readonly nodes = new NodeTable();
  readonly walks = new SnapshotWalks(this.stats, this.nodes);
  private readonly byPath: PathIndex;
  private readonly extendedTypes: boolean;
  /** Characters of paths and bytes of data. */
  private dataSize = 0;

  private constructor(options: DataTreeOptions) {
    this.extendedTypes = options.extendedTypes;
    this.observer = options.observer ?? null;
    this.byPath = new PathIndex(this.nodes, options.hashSeed ?? 0);
  }

  /** A tree for `load` to fill. */
  static empty(options: DataTreeOptions): DataTree {
    return new DataTree(options);
  }

  /** What a new ensemble begins with. */
  static initial(options: DataTreeOptions): DataTree {
    const tree = new DataTree(options);
    const noData = Buffer.alloc(0);
    for (const path of [ROOT, ZOOKEEPER_NODE, QUOTA_NODE]) tree.load(path, noData, -1, zeroStat());
    tree.addConfigNode();
    return tree;
  }

  get root(): TreeNode {
    const root = this.byPath.find(ROOT);
    if (root === NONE) assert.fail('expected a tree with a root, got one that nothing was loaded into');
    return this.view(root, ROOT);
  }

  /** The root is found under the empty path too, as in Apache, where a client can ask for it. */
  get(path: string): TreeNode | undefined {
    const node = this.find(path);
    return node === NONE ? undefined : this.view(node, path === '' ? ROOT : path);
  }

  /** As Apache counts: the root twice. */
  get nodeCount(): number {
    return this.byPath.size === 0 ? 0 : this.byPath.size + 1;
  }

  get approximateDataSize(): number {
    return this.dataSize;
  }

  /** @returns Ok, NoNode (no parent) or NodeExists */
  create(
    path: string,
    data: Buffer | null,
    acl: readonly Acl[] | null,
    owner: bigint,
    parentCversion: number,
    zxid: bigint,
    timeMs: number,
  ): ErrorCode {
    const parentPath = parentPathOf(path);
    const parent = this.find(parentPath);
    if (parent === NONE) return ErrorCode.NoNode;
    const hash = this.byPath.hash(path);
    const existing = this.byPath.findHashed(path, hash);
    if (existing !== NONE) {
      this.repairAcl(existing, acl);
      this.raiseParent(parent, parentCversion, zxid);
      return ErrorCode.NodeExists;
    }
    this.walks.preserve(parent);
    const dataLength = data === null ? 0 : data.length;
    const node = this.stats.create(zxid, timeMs, owner, dataLength);
    this.walks.adopt(node);
    this.insert(node, path, hash, parent, data, this.acls.acquire(acl).id, owner);
    this.raiseParent(parent, parentCversion, zxid);
    const view = this.view(node, path);
    this.quotas.created(view);
    this.observer?.created(view);
    this.observer?.childrenChanged(this.view(parent, parentPath));
    return ErrorCode.Ok;
  }

  /** @returns Ok or NoNode; a missing node still raises its parent's pzxid (ZOOKEEPER-3125) */
  delete(path: string, zxid: bigint): ErrorCode {
    const parentPath = parentPathOf(path);
    const parent = this.find(parentPath);
    if (parent === NONE) return ErrorCode.NoNode;
    const node = this.find(path);
    this.walks.preserve(parent);
    if (zxid > this.stats.pzxid(parent)) this.stats.setPzxid(parent, zxid);
    if (node === NONE) {
      this.restat(parent);
      return ErrorCode.NoNode;
    }
    this.removeDescendants(node);
    this.unlink(node, path);
    this.restat(parent);
    const view = this.view(node, path);
    this.quotas.deleted(view);
    this.observer?.deleted(view);
    this.observer?.childrenChanged(this.view(parent, parentPath));
    this.release(node);
    return ErrorCode.Ok;
  }

  /** @returns Ok or NoNode */
  setData(path: string, data: Buffer | null, version: number, zxid: bigint, timeMs: number): ErrorCode {
    const node = this.find(path);
    if (node === NONE) return ErrorCode.NoNode;
    this.walks.preserve(node);
    const length = data === null ? 0 : data.length;
    const added = length - this.nodes.dataBytes(node);
    this.stats.setModified(node, zxid, timeMs, version, length);
    this.replaceData(node, data);
    const view = this.view(node, path);
    this.quotas.dataChanged(view, added);
    this.observer?.dataChanged(view);
    return ErrorCode.Ok;
  }

  /** @returns Ok or NoNode */
  setAcl(path: string, acl: readonly Acl[] | null, aversion: number): ErrorCode {
    const node = this.find(path);
    if (node === NONE) return ErrorCode.NoNode;
    this.walks.preserve(node);
    this.replaceAcl(node, acl);
    this.stats.setAversion(node, aversion);
    this.restat(node);
    return ErrorCode.Ok;
  }

  /**
   * New data without a transaction: no zxid, no version, no watch. For what each server works out for itself below
   * /zookeeper, where the digest does not look.
   */
  setDataLocally(node: TreeNode, data: Buffer): void {
    if (node.counted) assert.fail(`expected a node below ${ZOOKEEPER_NODE}, got ${node.path}`);
    this.walks.preserve(node.stat);
    this.stats.setDataLength(node.stat, data.length);
    this.replaceData(node.stat, data);
  }

  /**
   * A node of a snapshot. Parents come before their children.
   *
   * @throws SnapshotContentError if they do not, or a path comes twice
   */
  load(path: string, data: Buffer | null, aclId: number, stat: StatPersisted): void {
    const isRoot = path === '' || path === ROOT;
    const ownPath = isRoot ? ROOT : path;
    const parent = isRoot ? NONE : this.find(parentPathOf(path));
    if (parent === NONE && !isRoot) throw new SnapshotContentError(`expected the parent of ${path} before it`);
    const hash = this.byPath.hash(ownPath);
    const existing = this.byPath.findHashed(ownPath, hash);
    if (existing !== NONE) throw new SnapshotContentError(`expected ${ownPath} once, it came twice`);
    const node = this.stats.load(stat, data === null ? 0 : data.length);
    this.insert(node, ownPath, hash, parent, data, this.acls.acquireById(aclId).id, stat.ephemeralOwner);
  }

  /** Trees from before 3.5 have no configuration node. */
  addConfigNode(): void {
    this.load(CONFIG_NODE, Buffer.alloc(0), -1, zeroStat());
    this.setAcl(CONFIG_NODE, READ_ACL, -1);
  }

  /** All nodes beneath this one, without itself. */
  countDescendants(node: TreeNode): number {
    let count = 0;
    for (let at = this.descend(node.stat, node.stat); at !== NONE; at = this.descend(at, node.stat)) count++;
    return count;
  }

  /** The node and all beneath it, parents first. The tree must not change meanwhile. */
  *subtree(node: TreeNode): Generator<TreeNode> {
    for (let at = node.stat; at !== NONE; at = this.descend(at, node.stat)) yield this.view(at, null);
  }

  private view(node: StatRef, path: string | null): TreeNode {
    return new TreeNode(this.nodes, this.acls, node, path);
  }

  private find(path: string): StatRef {
    return this.byPath.find(path === '' ? ROOT : path);
  }

  private insert(
    node: StatRef,
    path: string,
    hash: number,
    parent: StatRef,
    data: Buffer | null,
    aclId: number,
    owner: bigint,
  ): void {
    const { nodes } = this;
    const kind = ownerKind(owner, this.extendedTypes);
    nodes.create(node, path, hash, data, aclId, kind, countsForDigest(path));
    if (parent !== NONE) {
      // In front: a walk that is past the first child never meets it.
      const first = nodes.get(parent, NodeField.firstChild);
      nodes.set(node, NodeField.parent, parent);
      nodes.set(node, NodeField.nextSibling, first);
      if (first !== NONE) nodes.set(first, NodeField.previousSibling, node);
      nodes.set(parent, NodeField.firstChild, node);
      this.stats.addChildren(parent, 1);
    }
    this.byPath.add(node);
    if (kind !== OwnerKind.none) this.owners.add(this.view(node, path), owner);
    this.dataSize += path.length + (data === null ? 0 : data.length);
    this.restat(node);
  }

  /** Replaying a deletion over a later state: what was made beneath since then is replayed after it. */
  private removeDescendants(node: StatRef): void {
    const { nodes } = this;
    while (nodes.get(node, NodeField.firstChild) !== NONE) {
      let leaf = nodes.get(node, NodeField.firstChild);
      for (let at = leaf; at !== NONE; at = nodes.get(leaf, NodeField.firstChild)) leaf = at;
      this.unlink(leaf, nodes.path(leaf));
      this.release(leaf);
    }
  }

  /** Out of the tree; what it was can still be looked at, until its release. */
  private unlink(node: StatRef, path: string): void {
    const { nodes } = this;
    const parent = nodes.get(node, NodeField.parent);
    if (parent === NONE || nodes.get(node, NodeField.firstChild) !== NONE) {
      assert.fail(`expected a leaf below the root, got ${path}`);
    }
    this.walks.preserve(node);
    this.walks.unlink(node);
    const previous = nodes.get(node, NodeField.previousSibling);
    const next = nodes.get(node, NodeField.nextSibling);
    if (previous === NONE) nodes.set(parent, NodeField.firstChild, next);
    else nodes.set(previous, NodeField.nextSibling, next);
    if (next !== NONE) nodes.set(next, NodeField.previousSibling, previous);
    this.stats.addChildren(parent, -1);
    this.byPath.remove(node);
    if (nodes.kind(node) !== OwnerKind.none) {
      this.owners.remove(this.view(node, path), this.stats.ephemeralOwner(node));
    }
    this.dataSize -= path.length + nodes.dataBytes(node);
    this.digest.subtract(nodes.get(node, NodeField.digest));
  }

  private release(node: StatRef): void {
    this.acls.release(this.acls.get(this.nodes.get(node, NodeField.aclId)));
    this.nodes.release(node);
    this.stats.release(node);
  }

  /** A child was created. Only ever upwards, or a replay would give out sequence numbers twice (ZOOKEEPER-3249). */
  private raiseParent(parent: StatRef, cversion: number, zxid: bigint): void {
    const current = this.stats.cversion(parent);
    // Transactions from before 3.3.3 leave the number to whoever applies them.
    const raised = cversion === -1 ? (current + 1) | 0 : cversion;
    // By the distance: after 2^31 - 1 comes -2^31, and that is upwards too.
    if (((raised - current) | 0) <= 0) return;
    this.walks.preserve(parent);
    this.stats.setCversion(parent, raised);
    this.stats.setPzxid(parent, zxid);
    this.restat(parent);
  }

  private repairAcl(node: StatRef, acl: readonly Acl[] | null): void {
    if (!this.acls.isLost(this.acls.get(this.nodes.get(node, NodeField.aclId)))) return;
    this.walks.preserve(node);
    this.replaceAcl(node, acl);
  }

  private replaceAcl(node: StatRef, acl: readonly Acl[] | null): void {
    const previous = this.acls.get(this.nodes.get(node, NodeField.aclId));
    this.nodes.set(node, NodeField.aclId, this.acls.acquire(acl).id);
    this.acls.release(previous);
  }

  private replaceData(node: StatRef, data: Buffer | null): void {
    this.dataSize += (data === null ? 0 : data.length) - this.nodes.dataBytes(node);
    this.nodes.setData(node, data);
    this.restat(node);
  }

  /** The node's stat or content changed: so do its digest and the tree's. */
  private restat(node: StatRef): void {
    const { nodes } = this;
    if (!nodes.isCounted(node)) return;
    this.digest.subtract(nodes.get(node, NodeField.digest));
    const digest = this.stats.digest(node, nodes.get(node, NodeField.contentCrc));
    nodes.set(node, NodeField.digest, digest);
    this.digest.add(digest);
  }

  /** The next node, parents first, beneath `top`; `NONE` after the last. */
  private descend(node: StatRef, top: StatRef): StatRef {
    const { nodes } = this;
    const child = nodes.get(node, NodeField.firstChild);
    if (child !== NONE) return child;
    for (let at = node; at !== NONE && at !== top; at = nodes.get(at, NodeField.parent)) {
      const sibling = nodes.get(at, NodeField.nextSibling);
      if (sibling !== NONE) return sibling;
    }
    return NONE;
  }
}

function zeroStat(): StatPersisted {
  return {
    czxid: 0n,
    mzxid: 0n,
    ctime: 0,
    mtime: 0,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0n,
    pzxid: 0n,
  };
}
