/** One node in memory. The tree links and changes it; everybody else reads it. */
import { OwnerKind } from '@menagerie/zookeeper-protocol';
import type { AclEntry } from './acl-table.js';
import type { StatRef } from './stat-table.js';
import type { DigestState } from './tree-digest.js';

/** What a node and a pending change of one have in common: all that checks and digests look at. */
export interface NodeState extends DigestState {
  readonly path: string;
  readonly kind: OwnerKind;
  readonly acl: AclEntry;
}

export class TreeNode implements NodeState {
  /** Children are a list through the nodes themselves: no set to pay for, and a walk survives changes around it. */
  firstChild: TreeNode | null = null;
  previousSibling: TreeNode | null = null;
  nextSibling: TreeNode | null = null;
  contentCrc = 0;
  digest = 0;

  constructor(
    readonly path: string,
    public parent: TreeNode | null,
    /**
     * One byte a character: on the heap, moved and freed with the node. A Buffer would cost a hundred bytes more and
     * hold on to the memory around it.
     */
    public data: string | null,
    public acl: AclEntry,
    readonly stat: StatRef,
    readonly kind: OwnerKind,
    readonly counted: boolean,
    readonly pathCrc: number,
  ) {}

  /** The last component of the path. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  /** Whether the owner is a session; other owners are not shown to clients. */
  get isEphemeral(): boolean {
    return this.kind === OwnerKind.session;
  }
}
