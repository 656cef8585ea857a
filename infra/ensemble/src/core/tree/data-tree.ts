/**
 * The tree itself: what each kind of change does to nodes and their stats, and nothing about why.
 *
 * Every change may be repeated over a state that holds it already (recovery replays the log over a snapshot which may
 * hold part of it, zab.md section 7): then counters only ever rise. A change that can not be done says why with an
 * error code; that is normal in a replay and never happens to a transaction that preparation has let through.
 * Source: DataTree.java, DataNode.java.
 */
import assert from 'node:assert';
import { type Acl, ErrorCode, ownerKind, READ_ACL, type StatPersisted } from '@menagerie/zookeeper-protocol';
import { SnapshotContentError } from '../errors.js';
import { AclTable } from './acl-table.js';
import { OwnerIndex } from './owner-index.js';
import { CONFIG_NODE, parentPathOf, QUOTA_NODE, ROOT, ZOOKEEPER_NODE } from './paths.js';
import { Quotas } from './quotas.js';
import { SnapshotWalks } from './snapshot-walks.js';
import { type StatRef, StatTable } from './stat-table.js';
import { contentCrcOf, countsForDigest, digestOf, DigestSum, pathCrcOf } from './tree-digest.js';
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
}

export class DataTree {
  readonly stats = new StatTable();
  readonly acls = new AclTable();
  readonly owners = new OwnerIndex();
  readonly digest = new DigestSum();
  readonly walks = new SnapshotWalks(this.stats);
  readonly quotas = new Quotas(this);
  observer: TreeObserver | null;

  /** By path; the root also under the empty path, as in Apache, where a client can ask for it. */
  private readonly nodes = new Map<string, TreeNode>();
  private readonly extendedTypes: boolean;
  /** Characters of paths and bytes of data. */
  private dataSize = 0;

  private constructor(options: DataTreeOptions) {
    this.extendedTypes = options.extendedTypes;
    this.observer = options.observer ?? null;
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
    const root = this.nodes.get(ROOT);
    if (root === undefined) assert.fail('expected a tree with a root, got one that nothing was loaded into');
    return root;
  }

  get(path: string): TreeNode | undefined {
    return this.nodes.get(path);
  }

  /** As Apache counts: the root twice. */
  get nodeCount(): number {
    return this.nodes.size;
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
    const parent = this.nodes.get(parentPathOf(path));
    if (parent === undefined) return ErrorCode.NoNode;
    const existing = this.nodes.get(path);
    if (existing !== undefined) {
      this.repairAcl(existing, acl);
      this.raiseParent(parent, parentCversion, zxid);
      return ErrorCode.NodeExists;
    }
    this.walks.preserve(parent);
    const dataLength = data === null ? 0 : data.length;
    const node = this.link(path, parent, data, acl, owner, this.stats.create(zxid, timeMs, owner, dataLength));
    this.raiseParent(parent, parentCversion, zxid);
    this.quotas.created(node);
    this.observer?.created(node);
    this.observer?.childrenChanged(parent);
    return ErrorCode.Ok;
  }

  /** @returns Ok or NoNode; a missing node still raises its parent's pzxid (ZOOKEEPER-3125) */
  delete(path: string, zxid: bigint): ErrorCode {
    const parent = this.nodes.get(parentPathOf(path));
    if (parent === undefined) return ErrorCode.NoNode;
    const node = this.nodes.get(path);
    this.walks.preserve(parent);
    if (zxid > this.stats.pzxid(parent.stat)) this.stats.setPzxid(parent.stat, zxid);
    if (node === undefined) {
      this.restat(parent);
      return ErrorCode.NoNode;
    }
    this.removeDescendants(node);
    this.remove(node);
    this.restat(parent);
    this.quotas.deleted(node);
    this.observer?.deleted(node);
    this.observer?.childrenChanged(parent);
    return ErrorCode.Ok;
  }

  /** @returns Ok or NoNode */
  setData(path: string, data: Buffer | null, version: number, zxid: bigint, timeMs: number): ErrorCode {
    const node = this.nodes.get(path);
    if (node === undefined) return ErrorCode.NoNode;
    this.walks.preserve(node);
    const previousLength = this.stats.dataLength(node.stat);
    const length = data === null ? 0 : data.length;
    this.stats.setModified(node.stat, zxid, timeMs, version, length);
    this.replaceData(node, data);
    this.quotas.dataChanged(node, length - previousLength);
    this.observer?.dataChanged(node);
    return ErrorCode.Ok;
  }

  /** @returns Ok or NoNode */
  setAcl(path: string, acl: readonly Acl[] | null, aversion: number): ErrorCode {
    const node = this.nodes.get(path);
    if (node === undefined) return ErrorCode.NoNode;
    this.walks.preserve(node);
    const previous = node.acl;
    node.acl = this.acls.acquire(acl);
    this.acls.release(previous);
    this.stats.setAversion(node.stat, aversion);
    this.restat(node);
    return ErrorCode.Ok;
  }

  /**
   * New data without a transaction: no zxid, no version, no watch. For what each server works out for itself below
   * /zookeeper, where the digest does not look.
   */
  setDataLocally(node: TreeNode, data: Buffer): void {
    if (node.counted) assert.fail(`expected a node below ${ZOOKEEPER_NODE}, got ${node.path}`);
    this.walks.preserve(node);
    this.stats.setDataLength(node.stat, data.length);
    this.replaceData(node, data);
  }

  /**
   * A node of a snapshot. Parents come before their children.
   *
   * @throws SnapshotContentError if they do not, or a path comes twice
   */
  load(path: string, data: Buffer | null, aclId: number, stat: StatPersisted): void {
    const isRoot = path === '' || path === ROOT;
    const parent = isRoot ? null : this.nodes.get(parentPathOf(path));
    if (parent === undefined) throw new SnapshotContentError(`expected the parent of ${path} before it`);
    const existing = this.nodes.get(isRoot ? ROOT : path);
    if (existing !== undefined) throw new SnapshotContentError(`expected ${isRoot ? ROOT : path} once, it came twice`);
    const counted = countsForDigest(path);
    const node = new TreeNode(
      isRoot ? ROOT : path,
      parent,
      data === null ? null : data.toString('latin1'),
      this.acls.acquireById(aclId),
      this.stats.load(stat, data === null ? 0 : data.length),
      ownerKind(stat.ephemeralOwner, this.extendedTypes),
      counted,
      counted ? pathCrcOf(isRoot ? ROOT : path) : 0,
    );
    this.insert(node, stat.ephemeralOwner, data);
  }

  /** Trees from before 3.5 have no configuration node. */
  addConfigNode(): void {
    this.load(CONFIG_NODE, Buffer.alloc(0), -1, zeroStat());
    this.setAcl(CONFIG_NODE, READ_ACL, -1);
  }

  /** All nodes beneath this one, without itself. */
  countDescendants(node: TreeNode): number {
    let count = 0;
    for (let at = descend(node, node); at !== null; at = descend(at, node)) count++;
    return count;
  }

  /** The node and all beneath it, parents first. The tree must not change meanwhile. */
  *subtree(node: TreeNode): Generator<TreeNode> {
    for (let at: TreeNode | null = node; at !== null; at = descend(at, node)) yield at;
  }

  private link(
    path: string,
    parent: TreeNode,
    data: Buffer | null,
    acl: readonly Acl[] | null,
    owner: bigint,
    stat: StatRef,
  ): TreeNode {
    const counted = countsForDigest(path);
    const node = new TreeNode(
      path,
      parent,
      data === null ? null : data.toString('latin1'),
      this.acls.acquire(acl),
      stat,
      ownerKind(owner, this.extendedTypes),
      counted,
      counted ? pathCrcOf(path) : 0,
    );
    this.walks.adopt(stat);
    this.insert(node, owner, data);
    return node;
  }

  private insert(node: TreeNode, owner: bigint, data: Buffer | null): void {
    const parent = node.parent;
    if (parent === null) {
      this.nodes.set('', node);
    } else {
      // In front: a walk that is past the first child never meets it.
      node.nextSibling = parent.firstChild;
      if (parent.firstChild !== null) parent.firstChild.previousSibling = node;
      parent.firstChild = node;
      this.stats.addChildren(parent.stat, 1);
    }
    this.nodes.set(node.path, node);
    this.owners.add(node, owner);
    this.dataSize += node.path.length + (data === null ? 0 : data.length);
    node.contentCrc = node.counted ? contentCrcOf(node.pathCrc, data) : 0;
    node.digest = digestOf(this.stats, node);
    this.digest.add(node.digest);
  }

  /** Replaying a deletion over a later state: what was made beneath since then is replayed after it. */
  private removeDescendants(node: TreeNode): void {
    while (node.firstChild !== null) {
      let leaf: TreeNode = node.firstChild;
      while (leaf.firstChild !== null) leaf = leaf.firstChild;
      this.walks.preserve(leaf);
      this.remove(leaf);
    }
  }

  private remove(node: TreeNode): void {
    const parent = node.parent;
    if (parent === null || node.firstChild !== null) assert.fail(`expected a leaf below the root, got ${node.path}`);
    this.walks.preserve(node);
    this.walks.unlink(node);
    if (node.previousSibling !== null) node.previousSibling.nextSibling = node.nextSibling;
    else parent.firstChild = node.nextSibling;
    if (node.nextSibling !== null) node.nextSibling.previousSibling = node.previousSibling;
    node.nextSibling = null;
    node.previousSibling = null;
    this.stats.addChildren(parent.stat, -1);
    this.nodes.delete(node.path);
    this.owners.remove(node, this.stats.ephemeralOwner(node.stat));
    this.dataSize -= node.path.length + (node.data === null ? 0 : node.data.length);
    this.digest.subtract(node.digest);
    this.acls.release(node.acl);
    this.stats.release(node.stat);
  }

  /** A child was created. Only ever upwards, or a replay would give out sequence numbers twice (ZOOKEEPER-3249). */
  private raiseParent(parent: TreeNode, cversion: number, zxid: bigint): void {
    const current = this.stats.cversion(parent.stat);
    // Transactions from before 3.3.3 leave the number to whoever applies them.
    const raised = cversion === -1 ? (current + 1) | 0 : cversion;
    // By the distance: after 2^31 - 1 comes -2^31, and that is upwards too.
    if (((raised - current) | 0) <= 0) return;
    this.walks.preserve(parent);
    this.stats.setCversion(parent.stat, raised);
    this.stats.setPzxid(parent.stat, zxid);
    this.restat(parent);
  }

  private repairAcl(node: TreeNode, acl: readonly Acl[] | null): void {
    if (!this.acls.isLost(node.acl)) return;
    this.walks.preserve(node);
    const lost = node.acl;
    node.acl = this.acls.acquire(acl);
    this.acls.release(lost);
  }

  private replaceData(node: TreeNode, data: Buffer | null): void {
    this.dataSize += (data === null ? 0 : data.length) - (node.data === null ? 0 : node.data.length);
    node.data = data === null ? null : data.toString('latin1');
    if (!node.counted) return;
    node.contentCrc = contentCrcOf(node.pathCrc, data);
    this.restat(node);
  }

  /** The node's stat or content changed: so do its digest and the tree's. */
  private restat(node: TreeNode): void {
    if (!node.counted) return;
    this.digest.subtract(node.digest);
    node.digest = digestOf(this.stats, node);
    this.digest.add(node.digest);
  }
}

/** The next node, parents first, beneath `top`. */
function descend(node: TreeNode, top: TreeNode): TreeNode | null {
  if (node.firstChild !== null) return node.firstChild;
  for (let at: TreeNode | null = node; at !== null && at !== top; at = at.parent) {
    if (at.nextSibling !== null) return at.nextSibling;
  }
  return null;
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
