/** What every kind of write sees while it is prepared, and what it answers. */
import type { ErrorCode, Id, Txn } from '@menagerie/zookeeper-protocol';
import type { Ensemble, ServerId } from '../contract/index.js';
import type { AuthProviders } from '../auth/index.js';
import type { SessionTracker } from '../session/index.js';
import type { DataTree } from '../tree/data-tree.js';
import type { NodeState } from '../tree/tree-node.js';
import type { PendingChanges } from './pending-changes.js';

/** A transaction, or the code of why there is none. A failed write is a code and no exception: those are not rare. */
export type Prepared = Txn | ErrorCode;

/** Who asks, and under which zxid and time it will be done. One object serves one request, a multi included. */
export interface Preparation {
  readonly sessionId: bigint;
  readonly authInfo: readonly Id[];
  /** The server whose client asks. */
  readonly from: ServerId;
  readonly zxid: bigint;
  readonly timeMs: number;
}

/** What preparation works with. */
export interface PreparationTools {
  readonly tree: DataTree;
  readonly changes: PendingChanges;
  readonly sessions: SessionTracker;
  readonly providers: AuthProviders;
  /** Whether somebody with these identities may do this; always true under `skipACL`. */
  allows(node: NodeState, perms: number, identities: readonly Id[]): boolean;
  /** TTL nodes (`zookeeper.extendedTypesEnabled`). */
  readonly extendedTypes: boolean;
  /** The largest transaction that others can read back, in bytes. */
  readonly maxTxnBytes: number;
  /** `enforceQuota`; without it quotas are only counted. */
  readonly enforceQuota: boolean;
  /** Null on a server alone. */
  readonly ensemble: Ensemble | null;
  readonly reconfigEnabled: boolean;
  /** `standaloneEnabled`: then an ensemble keeps two voters at least. */
  readonly standaloneEnabled: boolean;
  quotaPassed(event: QuotaPassed): void;
}

export interface QuotaPassed {
  /** The path that has the quota. */
  readonly subject: string;
  /** `nodes` or `bytes`. */
  readonly what: string;
  /** What would be used. */
  readonly used: number;
  readonly limit: number;
  /** Whether the write was refused for it. */
  readonly isHard: boolean;
}
