/** What a snapshot is made of. Source: SerializeUtils.serializeSnapshot, DataTree.serialize, ReferenceCountedACLCache.java. */
import type { Acl, StatPersisted } from '../types.js';

export interface SnapshotSession {
  readonly kind: 'session';
  readonly sessionId: bigint;
  readonly timeoutMs: number;
}

/** An ACL list under the number by which nodes name it. */
export interface SnapshotAcl {
  readonly kind: 'acl';
  /** Positive; `OPEN_ACL_INDEX` is never in the table. */
  readonly index: number;
  readonly acl: readonly Acl[];
}

/** Parents come before their children. */
export interface SnapshotNode {
  readonly kind: 'node';
  /** "" for the root. */
  readonly path: string;
  /** When decoded a view into the chunk it came in: who keeps small data for long should copy it. */
  readonly data: Buffer | null;
  readonly aclIndex: number;
  readonly stat: StatPersisted;
}

/** In the order of the format: all sessions, all ACLs, all nodes. */
export type SnapshotItem = SnapshotSession | SnapshotAcl | SnapshotNode;

/**
 * The number of a missing ACL list, which means "everyone may do everything". It is not in the table. Only nodes a server
 * makes for itself have it: a list that a client gave is in the table even if it says the same.
 */
export const OPEN_ACL_INDEX = -1;

/** The tree digest at some zxid: from there on a replay may compare. */
export interface SnapshotDigest {
  readonly zxid: bigint;
  readonly version: number;
  readonly treeDigest: bigint;
}

/** What stands behind the body in a file; each part is missing in files of older servers. */
export interface SnapshotTrailer {
  /** Since 3.6. A zxid of 0 says that the server knew none. */
  readonly digest: SnapshotDigest | null;
  /** Since 3.9. */
  readonly lastProcessedZxid: bigint | null;
}
