/** Nodes by what owns them: the ephemerals of each session, the containers, the nodes with a time to live. */
import { OwnerKind } from '@menagerie/zookeeper-protocol';
import type { TreeNode } from './tree-node.js';

const NONE: ReadonlySet<TreeNode> = new Set();

export class OwnerIndex {
  private readonly ephemerals = new Map<bigint, Set<TreeNode>>();
  private readonly containerNodes = new Set<TreeNode>();
  private readonly ttlNodes = new Set<TreeNode>();
  private ephemeralTotal = 0;

  get containers(): ReadonlySet<TreeNode> {
    return this.containerNodes;
  }

  get ttls(): ReadonlySet<TreeNode> {
    return this.ttlNodes;
  }

  get ephemeralCount(): number {
    return this.ephemeralTotal;
  }

  ephemeralsOf(sessionId: bigint): ReadonlySet<TreeNode> {
    return this.ephemerals.get(sessionId) ?? NONE;
  }

  /** Sessions that own at least one node, whether or not they are alive. */
  sessions(): Iterable<bigint> {
    return this.ephemerals.keys();
  }

  add(node: TreeNode, owner: bigint): void {
    if (node.kind === OwnerKind.session) {
      const nodes = this.ephemerals.get(owner);
      if (nodes === undefined) this.ephemerals.set(owner, new Set([node]));
      else nodes.add(node);
      this.ephemeralTotal++;
    } else if (node.kind === OwnerKind.container) {
      this.containerNodes.add(node);
    } else if (node.kind === OwnerKind.ttl) {
      this.ttlNodes.add(node);
    }
  }

  remove(node: TreeNode, owner: bigint): void {
    if (node.kind === OwnerKind.session) {
      const nodes = this.ephemerals.get(owner);
      if (nodes === undefined || !nodes.delete(node)) return;
      this.ephemeralTotal--;
      if (nodes.size === 0) this.ephemerals.delete(owner);
    } else if (node.kind === OwnerKind.container) {
      this.containerNodes.delete(node);
    } else if (node.kind === OwnerKind.ttl) {
      this.ttlNodes.delete(node);
    }
  }
}
