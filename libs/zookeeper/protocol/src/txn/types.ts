/**
 * Transactions: what a write became once the leader had decided it. They are idempotent and carry results, not wishes
 * (the final path, the new version), so that replaying one over a snapshot which already holds it does no harm.
 * Source: zookeeper.jute, module org.apache.zookeeper.txn; SerializeUtils.java for which record goes with which type.
 */
import type { OpCode } from '../constants/op-codes.js';
import type { Acl } from '../types.js';

export interface TxnHeader {
  /** Session which asked for it. */
  readonly clientId: bigint;
  /** That session's xid. */
  readonly cxid: number;
  readonly zxid: bigint;
  /** Leader's wall clock at preparation; becomes ctime and mtime. */
  readonly timeMs: number;
  /** One of `OpCode`; equals the `type` of the transaction that follows. */
  readonly type: number;
}

export interface CreateTxn {
  readonly type: typeof OpCode.create | typeof OpCode.create2;
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly Acl[] | null;
  readonly ephemeral: boolean;
  /** The parent's stored cversion after this creation; -1 in records older than 3.3.3, which did not have it. */
  readonly parentCVersion: number;
}

export interface CreateContainerTxn {
  readonly type: typeof OpCode.createContainer;
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly Acl[] | null;
  readonly parentCVersion: number;
}

export interface CreateTtlTxn {
  readonly type: typeof OpCode.createTtl;
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly Acl[] | null;
  readonly parentCVersion: number;
  readonly ttlMs: bigint;
}

export interface DeleteTxn {
  readonly type: typeof OpCode.delete | typeof OpCode.deleteContainer;
  readonly path: string;
}

export interface SetDataTxn {
  readonly type: typeof OpCode.setData;
  readonly path: string;
  readonly data: Buffer | null;
  /** The node's version after this change. */
  readonly version: number;
}

export interface ReconfigTxn {
  readonly type: typeof OpCode.reconfig;
  readonly path: string;
  readonly data: Buffer | null;
  readonly version: number;
}

export interface SetAclTxn {
  readonly type: typeof OpCode.setAcl;
  readonly path: string;
  readonly acl: readonly Acl[] | null;
  /** The node's aversion after this change. */
  readonly version: number;
}

/** Changes nothing; keeps the result list of a multi in step with its requests. */
export interface CheckTxn {
  readonly type: typeof OpCode.check;
  readonly path: string;
  readonly version: number;
}

export interface CreateSessionTxn {
  readonly type: typeof OpCode.createSession;
  readonly timeoutMs: number;
}

export interface CloseSessionTxn {
  readonly type: typeof OpCode.closeSession;
  /** The ephemeral nodes that go with the session; null in records older than 3.6, which had no body. */
  readonly paths: readonly string[] | null;
}

export interface ErrorTxn {
  readonly type: typeof OpCode.error;
  readonly err: number;
}

export interface MultiTxn {
  readonly type: typeof OpCode.multi;
  /**
   * All under the header's one zxid; never a multi. One that failed still lists the operations before the failing one as
   * they would have been: if any element is an `ErrorTxn`, none may be applied.
   */
  readonly ops: readonly Txn[];
}

export type Txn =
  | CreateTxn
  | CreateContainerTxn
  | CreateTtlTxn
  | DeleteTxn
  | SetDataTxn
  | ReconfigTxn
  | SetAclTxn
  | CheckTxn
  | CreateSessionTxn
  | CloseSessionTxn
  | ErrorTxn
  | MultiTxn;

/** The state digest of the whole tree after a transaction, as the leader computed it. */
export interface TxnDigest {
  readonly version: number;
  /** A signed 64-bit sum: see `digest.ts`. */
  readonly treeDigest: bigint;
}

export interface TxnRecord {
  readonly header: TxnHeader;
  readonly txn: Txn;
  readonly digest: TxnDigest | null;
}
