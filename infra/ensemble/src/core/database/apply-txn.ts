/** What each type of transaction does to tree and sessions. Source: DataTree.processTxn, ZooKeeperServer.processTxn. */
import { CONTAINER_OWNER, ErrorCode, OpCode, type Txn, ttlOwner, type TxnHeader } from '@menagerie/zookeeper-protocol';
import type { DataTree } from '../tree/data-tree.js';

/**
 * Told how each operation of a transaction went, right after it, so that an answer can say what the node was like at
 * that moment: a later operation of the same multi may change it again.
 */
export interface TxnResults {
  /**
   * @param type of the operation; `OpCode.error` for one that was refused or undone
   * @param path of the node it was about, null where there is none
   */
  applied(type: number, err: ErrorCode | number, path: string | null): void;
}

export interface ReplicatedState {
  readonly tree: DataTree;
  /** Timeout in milliseconds by session. */
  readonly sessions: Map<bigint, number>;
}

export function applyTxn(state: ReplicatedState, header: TxnHeader, txn: Txn, results: TxnResults | null): void {
  if (txn.type === OpCode.multi) applyMulti(state, header, txn.ops, results);
  else applyOne(state, header, txn, results);
}

/** All or nothing was decided at preparation: one error among the operations means that none of them takes effect. */
function applyMulti(state: ReplicatedState, header: TxnHeader, ops: readonly Txn[], results: TxnResults | null): void {
  const failed = ops.some((op) => op.type === OpCode.error);
  let behindFailure = false;
  for (const op of ops) {
    if (op.type === OpCode.error) {
      behindFailure = true;
      results?.applied(OpCode.error, op.err, null);
    } else if (failed) {
      results?.applied(OpCode.error, behindFailure ? ErrorCode.RuntimeInconsistency : ErrorCode.Ok, null);
    } else {
      applyOne(state, header, op, results);
    }
  }
}

function applyOne(state: ReplicatedState, header: TxnHeader, txn: Txn, results: TxnResults | null): void {
  const { tree } = state;
  const { zxid, timeMs } = header;
  let err: ErrorCode | number = ErrorCode.Ok;
  let path: string | null = null;
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
      path = txn.path;
      err = tree.create(
        path,
        txn.data,
        txn.acl,
        txn.ephemeral ? header.clientId : 0n,
        txn.parentCVersion,
        zxid,
        timeMs,
      );
      break;
    case OpCode.createContainer:
      path = txn.path;
      err = tree.create(path, txn.data, txn.acl, CONTAINER_OWNER, txn.parentCVersion, zxid, timeMs);
      break;
    case OpCode.createTtl:
      path = txn.path;
      err = tree.create(path, txn.data, txn.acl, ttlOwner(txn.ttlMs), txn.parentCVersion, zxid, timeMs);
      break;
    case OpCode.delete:
    case OpCode.deleteContainer:
      path = txn.path;
      err = tree.delete(path, zxid);
      break;
    case OpCode.setData:
    case OpCode.reconfig:
      path = txn.path;
      err = tree.setData(path, txn.data, txn.version, zxid, timeMs);
      break;
    case OpCode.setAcl:
      path = txn.path;
      err = tree.setAcl(path, txn.acl, txn.version);
      break;
    case OpCode.check:
      path = txn.path;
      break;
    case OpCode.error:
      err = txn.err;
      break;
    case OpCode.createSession:
      state.sessions.set(header.clientId, txn.timeoutMs);
      break;
    case OpCode.closeSession:
      closeSession(state, header, txn.paths);
      break;
    case OpCode.multi:
      throw new TypeError('expected no multi inside a multi');
  }
  results?.applied(txn.type, err, path);
}

/**
 * The transaction names the nodes (ZOOKEEPER-3145): replayed over a later state, what the session owns there is not
 * what it owned. Records from before 3.6 name none, and then what it owns is all there is to go by.
 */
function closeSession(state: ReplicatedState, header: TxnHeader, paths: readonly string[] | null): void {
  const { tree } = state;
  state.sessions.delete(header.clientId);
  if (paths !== null) for (const path of paths) tree.delete(path, header.zxid);
  for (const node of [...tree.owners.ephemeralsOf(header.clientId)]) tree.delete(node.path, header.zxid);
}
