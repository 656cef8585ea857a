/** The writes that change or remove one node, and `check`. Source: PrepRequestProcessor.pRequest2Txn. */
import { type Acl, ErrorCode, OpCode, OwnerKind, pathFault, Perms } from '@menagerie/zookeeper-protocol';
import { fixupAcl } from '../auth/index.js';
import { isSpecialPath, parentPathOf } from '../tree/paths.js';
import { pathBytes } from '../tree/owner-index.js';
import { contentCrcOf } from '../tree/tree-digest.js';
import type { NodeState } from '../tree/tree-node.js';
import { exceedsQuota } from './check-quota.js';
import type { Preparation, PreparationTools, Prepared } from './preparation.js';

/** Header, list length and digest of a closeSession record, and some room. */
export const CLOSE_SESSION_OVERHEAD_BYTES = 64;

/** -1 is any version. */
const matches = (expected: number, actual: number): boolean => expected === -1 || expected === actual;

export function prepareDelete(tools: PreparationTools, by: Preparation, path: string, version: number): Prepared {
  const session = tools.sessions.check(by.sessionId, by.from);
  if (session !== ErrorCode.Ok) return session;
  if (!isDeletable(path)) return ErrorCode.BadArguments;
  const parent = tools.changes.find(parentPathOf(path));
  if (parent === null) return ErrorCode.NoNode;
  if (!tools.allows(parent, Perms.DELETE, by.authInfo)) return ErrorCode.NoAuth;
  const node = tools.changes.find(path);
  if (node === null) return ErrorCode.NoNode;
  if (!matches(version, tools.tree.stats.version(node.stat))) return ErrorCode.BadVersion;
  if (tools.tree.stats.numChildren(node.stat) > 0) return ErrorCode.NotEmpty;
  removeNode(tools, by.zxid, parent, node);
  return { type: OpCode.delete, path };
}

/** The reaper's own deletion, of a container or TTL node which is still one and still empty. */
export function prepareReap(tools: PreparationTools, zxid: bigint, path: string): Prepared {
  if (!isDeletable(path)) return ErrorCode.BadArguments;
  const node = tools.changes.find(path);
  const parent = tools.changes.find(parentPathOf(path));
  if (node === null || parent === null) return ErrorCode.NoNode;
  if (tools.tree.stats.numChildren(node.stat) > 0) return ErrorCode.NotEmpty;
  if (node.kind !== OwnerKind.container && node.kind !== OwnerKind.ttl) return ErrorCode.BadVersion;
  removeNode(tools, zxid, parent, node);
  return { type: OpCode.deleteContainer, path };
}

export function prepareSetData(
  tools: PreparationTools,
  by: Preparation,
  path: string,
  data: Buffer | null,
  version: number,
): Prepared {
  const session = tools.sessions.check(by.sessionId, by.from);
  if (session !== ErrorCode.Ok) return session;
  if (pathFault(path) !== null) return ErrorCode.BadArguments;
  const node = tools.changes.find(path);
  if (node === null) return ErrorCode.NoNode;
  if (!tools.allows(node, Perms.WRITE, by.authInfo)) return ErrorCode.NoAuth;
  const { stats } = tools.tree;
  const length = data === null ? 0 : data.length;
  if (exceedsQuota(tools, path, length - stats.dataLength(node.stat), 0)) return ErrorCode.QuotaExceeded;
  const current = stats.version(node.stat);
  if (!matches(version, current)) return ErrorCode.BadVersion;
  const newVersion = (current + 1) | 0;
  const change = tools.changes.change(node, by.zxid);
  stats.setModified(change.stat, by.zxid, by.timeMs, newVersion, length);
  if (change.counted) change.contentCrc = contentCrcOf(change.pathCrc, data);
  tools.changes.settle(change);
  return { type: OpCode.setData, path, data, version: newVersion };
}

export function prepareSetAcl(
  tools: PreparationTools,
  by: Preparation,
  path: string,
  wanted: readonly Acl[] | null,
  version: number,
): Prepared {
  const session = tools.sessions.check(by.sessionId, by.from);
  if (session !== ErrorCode.Ok) return session;
  if (pathFault(path) !== null) return ErrorCode.BadArguments;
  const acl = fixupAcl(tools.providers, by.authInfo, wanted);
  if (acl === null) return ErrorCode.InvalidACL;
  const node = tools.changes.find(path);
  if (node === null) return ErrorCode.NoNode;
  if (!tools.allows(node, Perms.ADMIN, by.authInfo)) return ErrorCode.NoAuth;
  const { stats, acls } = tools.tree;
  const current = stats.aversion(node.stat);
  if (!matches(version, current)) return ErrorCode.BadVersion;
  const newVersion = (current + 1) | 0;
  const change = tools.changes.change(node, by.zxid);
  stats.setAversion(change.stat, newVersion);
  change.acl = acls.find(acl);
  tools.changes.settle(change);
  return { type: OpCode.setAcl, path, acl, version: newVersion };
}

/** Changes nothing: part of a multi, whose other operations depend on it. */
export function prepareCheck(tools: PreparationTools, by: Preparation, path: string, version: number): Prepared {
  const session = tools.sessions.check(by.sessionId, by.from);
  if (session !== ErrorCode.Ok) return session;
  if (pathFault(path) !== null) return ErrorCode.BadArguments;
  const node = tools.changes.find(path);
  if (node === null) return ErrorCode.NoNode;
  if (!tools.allows(node, Perms.READ, by.authInfo)) return ErrorCode.NoAuth;
  const current = tools.tree.stats.version(node.stat);
  if (!matches(version, current)) return ErrorCode.BadVersion;
  return { type: OpCode.check, path, version: (current + 1) | 0 };
}

/**
 * All ephemerals of the session, those whose creation is on its way included; nothing that is on its way out already
 * (ZOOKEEPER-3145). Needs no live session: expiry asks for it too.
 */
export function prepareCloseSession(tools: PreparationTools, by: Preparation): Prepared {
  const paths = [...tools.changes.ephemeralsOf(by.sessionId)];
  for (const path of paths) {
    const node = tools.changes.find(path);
    const parent = tools.changes.find(parentPathOf(path));
    if (node !== null && parent !== null) removeNode(tools, by.zxid, parent, node);
  }
  tools.sessions.markClosing(by.sessionId);
  return { type: OpCode.closeSession, paths: readablePart(paths, tools.maxTxnBytes) };
}

/**
 * A transaction that could not be read back would stop every server (ZOOKEEPER-4306), and a session must end. Creation
 * keeps the list short; should it be too long all the same, what the session still owns goes with it unnamed.
 */
function readablePart(paths: string[], maxTxnBytes: number): string[] {
  let bytes = CLOSE_SESSION_OVERHEAD_BYTES;
  const end = paths.findIndex((path) => (bytes += pathBytes(path)) > maxTxnBytes);
  return end < 0 ? paths : paths.slice(0, end);
}

function isDeletable(path: string): boolean {
  return path.includes('/') && !path.includes('\0') && !isSpecialPath(path);
}

function removeNode(tools: PreparationTools, zxid: bigint, parent: NodeState, node: NodeState): void {
  const { stats } = tools.tree;
  const change = tools.changes.change(parent, zxid);
  stats.addChildren(change.stat, -1);
  stats.setPzxid(change.stat, zxid);
  tools.changes.settle(change);
  tools.changes.delete(node, zxid);
}
