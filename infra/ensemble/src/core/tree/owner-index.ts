/** Nodes by what owns them: the ephemerals of each session, the containers, the nodes with a time to live. */
import { OwnerKind } from '@menagerie/zookeeper-protocol';
import type { StatRef } from './stat-table.js';
import type { TreeNode } from './tree-node.js';

/** What one path takes in the closeSession transaction that deletes it. */
export const pathBytes = (path: string): number => 4 + Buffer.byteLength(path, 'utf8');

interface Ephemerals {
  readonly nodes: Map<StatRef, TreeNode>;
  pathBytes: number;
}

export class OwnerIndex {
  private readonly ephemerals = new Map<bigint, Ephemerals>();
  private readonly containerNodes = new Map<StatRef, TreeNode>();
  private readonly ttlNodes = new Map<StatRef, TreeNode>();
  private ephemeralTotal = 0;

  get containers(): Iterable<TreeNode> {
    return this.containerNodes.values();
  }

  get ttls(): Iterable<TreeNode> {
    return this.ttlNodes.values();
  }

  get ephemeralCount(): number {
    return this.ephemeralTotal;
  }

  ephemeralsOf(sessionId: bigint): Iterable<TreeNode> {
    return this.ephemerals.get(sessionId)?.nodes.values() ?? [];
  }

  /** Bytes that the paths of its ephemerals take in a closeSession transaction. */
  pathBytesOf(sessionId: bigint): number {
    return this.ephemerals.get(sessionId)?.pathBytes ?? 0;
  }

  /** Sessions that own at least one node, whether or not they are alive. */
  sessions(): Iterable<bigint> {
    return this.ephemerals.keys();
  }

  add(node: TreeNode, owner: bigint): void {
    if (node.kind === OwnerKind.session) {
      let owned = this.ephemerals.get(owner);
      if (owned === undefined) this.ephemerals.set(owner, (owned = { nodes: new Map(), pathBytes: 0 }));
      owned.nodes.set(node.stat, node);
      owned.pathBytes += pathBytes(node.path);
      this.ephemeralTotal++;
    } else if (node.kind === OwnerKind.container) {
      this.containerNodes.set(node.stat, node);
    } else if (node.kind === OwnerKind.ttl) {
      this.ttlNodes.set(node.stat, node);
    }
  }

  remove(node: TreeNode, owner: bigint): void {
    if (node.kind === OwnerKind.session) {
      const owned = this.ephemerals.get(owner);
      if (owned === undefined || !owned.nodes.delete(node.stat)) return;
      owned.pathBytes -= pathBytes(node.path);
      this.ephemeralTotal--;
      if (owned.nodes.size === 0) this.ephemerals.delete(owner);
    } else if (node.kind === OwnerKind.container) {
      this.containerNodes.delete(node.stat);
    } else if (node.kind === OwnerKind.ttl) {
      this.ttlNodes.delete(node.stat);
    }
  }
}
