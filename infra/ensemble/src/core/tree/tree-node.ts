/** One node, as everybody but the tree sees it. */
import { OwnerKind, type JuteWriter } from '@menagerie/zookeeper-protocol';
import type { AclEntry, AclTable } from './acl-table.js';
import { NodeField, type NodeTable, NONE } from './node-table.js';
import type { StatRef } from './stat-table.js';
import type { DigestState } from './tree-digest.js';

/** What a node and a pending change of one have in common: all that checks and digests look at. */
export interface NodeState extends DigestState {
  readonly path: string;
  readonly kind: OwnerKind;
  readonly acl: AclEntry;
}

/** A view, made when it is asked for: two views of one node have the same `stat`. Good as long as the node is there. */
export class TreeNode implements NodeState {
  constructor(
    private readonly nodes: NodeTable,
    private readonly acls: AclTable,
    readonly stat: StatRef,
    /** The path, if whoever asked knows it. */
    private knownPath: string | null = null,
  ) {}

  get path(): string {
    return (this.knownPath ??= this.nodes.path(this.stat));
  }

  /** The last component of the path. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  /** One byte a character; null for none. */
  get data(): string | null {
    return this.nodes.data(this.stat);
  }

  /** 0 for none. */
  get dataBytes(): number {
    return this.nodes.dataBytes(this.stat);
  }

  /** As a buffer of jute. */
  writeData(writer: JuteWriter): void {
    this.nodes.writeData(writer, this.stat);
  }

  get acl(): AclEntry {
    return this.acls.get(this.nodes.get(this.stat, NodeField.aclId));
  }

  get kind(): OwnerKind {
    return this.nodes.kind(this.stat);
  }

  /** Whether the owner is a session; other owners are not shown to clients. */
  get isEphemeral(): boolean {
    return this.kind === OwnerKind.session;
  }

  get isRoot(): boolean {
    return this.nodes.get(this.stat, NodeField.parent) === NONE;
  }

  get counted(): boolean {
    return this.nodes.isCounted(this.stat);
  }

  get pathCrc(): number {
    return this.nodes.get(this.stat, NodeField.pathCrc);
  }

  get contentCrc(): number {
    return this.nodes.get(this.stat, NodeField.contentCrc);
  }

  get digest(): number {
    return this.nodes.get(this.stat, NodeField.digest);
  }

  get hasChildren(): boolean {
    return this.nodes.get(this.stat, NodeField.firstChild) !== NONE;
  }

  /** In no order that means anything. The tree must not change meanwhile. */
  *children(): Generator<TreeNode> {
    for (
      let child = this.nodes.get(this.stat, NodeField.firstChild);
      child !== NONE;
      child = this.nodes.get(child, NodeField.nextSibling)
    ) {
      yield new TreeNode(this.nodes, this.acls, child);
    }
  }

  /** The names of its children, each as a string of jute. */
  writeChildNames(writer: JuteWriter): void {
    const { nodes } = this;
    let child = nodes.get(this.stat, NodeField.firstChild);
    for (; child !== NONE; child = nodes.get(child, NodeField.nextSibling)) nodes.writeName(writer, child);
  }
}
