/**
 * create in all its forms. The order of the checks is part of the protocol: a client sees the first that fails.
 * Source: PrepRequestProcessor.pRequest2TxnCreate, validateCreateRequest; EphemeralType.validateTTL.
 */
import {
  type Acl,
  CONTAINER_OWNER,
  CreateMode,
  type CreateRequest,
  ErrorCode,
  isCreateMode,
  isEphemeral,
  isSequential,
  isTtl,
  MAX_TTL_MS,
  OpCode,
  OwnerKind,
  pathFault,
  Perms,
  ttlOwner,
  type Txn,
} from '@menagerie/zookeeper-protocol';
import { fixupAcl } from '../auth/index.js';
import { parentPathOf } from '../tree/paths.js';
import { pathBytes } from '../tree/owner-index.js';
import { exceedsQuota } from './check-quota.js';
import { CLOSE_SESSION_OVERHEAD_BYTES } from './prepare-change.js';
import type { Preparation, PreparationTools, Prepared } from './preparation.js';
import { sequenceSuffix } from './sequence-name.js';

export type CreateType =
  typeof OpCode.create | typeof OpCode.create2 | typeof OpCode.createContainer | typeof OpCode.createTtl;

/** @param ttlMs null for a request that has no such field */
export function prepareCreate(
  tools: PreparationTools,
  by: Preparation,
  type: CreateType,
  wish: CreateRequest,
  ttlMs: bigint | null,
): Prepared {
  const { tree, changes, sessions } = tools;
  const refusal = checkMode(tools, type, wish.flags, ttlMs);
  if (refusal !== ErrorCode.Ok) return refusal;
  const kind = kindFor(type, wish.flags);
  const { sessionId, from } = by;
  const session = kind === OwnerKind.session ? sessions.checkGlobal(sessionId, from) : sessions.check(sessionId, from);
  if (session !== ErrorCode.Ok) return session;
  if (!wish.path.includes('/') || wish.path.includes('\0')) return ErrorCode.BadArguments;
  const acl = fixupAcl(tools.providers, by.authInfo, wish.acl);
  if (acl === null) return ErrorCode.InvalidACL;
  const parent = changes.find(parentPathOf(wish.path));
  if (parent === null) return ErrorCode.NoNode;
  if (!tools.allows(parent, Perms.CREATE, by.authInfo)) return ErrorCode.NoAuth;
  const created = tree.stats.cversion(parent.stat);
  const path = isSequential(wish.flags as CreateMode) ? wish.path + sequenceSuffix(created) : wish.path;
  if (pathFault(path) !== null) return ErrorCode.BadArguments;
  if (changes.find(path) !== null) return ErrorCode.NodeExists;
  if (parent.kind === OwnerKind.session) return ErrorCode.NoChildrenForEphemerals;
  if (exceedsQuota(tools, path, wish.data === null ? 0 : wish.data.length, 1)) return ErrorCode.QuotaExceeded;
  if (kind === OwnerKind.session && !fitsCloseSession(tools, by.sessionId, path)) return ErrorCode.QuotaExceeded;

  const parentCVersion = (created + 1) | 0;
  const raised = changes.change(parent, by.zxid);
  tree.stats.addChildren(raised.stat, 1);
  tree.stats.setCversion(raised.stat, parentCVersion);
  tree.stats.setPzxid(raised.stat, by.zxid);
  changes.settle(raised);
  changes.create(path, wish.data, tree.acls.find(acl), kind, ownerFor(kind, by.sessionId, ttlMs), by.zxid, by.timeMs);
  return createTxn(type, path, wish.data, acl, kind === OwnerKind.session, parentCVersion, ttlMs);
}

function checkMode(tools: PreparationTools, type: CreateType, flags: number, ttlMs: bigint | null): ErrorCode {
  if (!isCreateMode(flags)) return ErrorCode.BadArguments;
  if (!isTtl(flags)) {
    // A TTL transaction without a time to live could not be applied; Apache lets one through if the time is negative.
    return type === OpCode.createTtl || (ttlMs !== null && ttlMs >= 0n) ? ErrorCode.BadArguments : ErrorCode.Ok;
  }
  if (!tools.extendedTypes) return ErrorCode.Unimplemented;
  return ttlMs === null || ttlMs <= 0n || ttlMs > MAX_TTL_MS ? ErrorCode.BadArguments : ErrorCode.Ok;
}

/** What the transaction will make of it, whatever the flags say: only opcode 19 makes containers. */
function kindFor(type: CreateType, flags: number): OwnerKind {
  if (type === OpCode.createContainer) return OwnerKind.container;
  if (type === OpCode.createTtl) return OwnerKind.ttl;
  return isEphemeral(flags as CreateMode) ? OwnerKind.session : OwnerKind.none;
}

function ownerFor(kind: OwnerKind, sessionId: bigint, ttlMs: bigint | null): bigint {
  switch (kind) {
    case OwnerKind.container:
      return CONTAINER_OWNER;
    case OwnerKind.ttl:
      return ttlOwner(ttlMs!);
    case OwnerKind.session:
      return sessionId;
    case OwnerKind.none:
      return 0n;
  }
}

/** The session's end names all its nodes in one transaction, which must be readable (ZOOKEEPER-4306). */
function fitsCloseSession(tools: PreparationTools, sessionId: bigint, path: string): boolean {
  const bytes = tools.changes.ephemeralBytesOf(sessionId) + pathBytes(path) + CLOSE_SESSION_OVERHEAD_BYTES;
  return bytes <= tools.maxTxnBytes;
}

function createTxn(
  type: CreateType,
  path: string,
  data: Buffer | null,
  acl: readonly Acl[],
  ephemeral: boolean,
  parentCVersion: number,
  ttlMs: bigint | null,
): Txn {
  if (type === OpCode.createContainer) return { type, path, data, acl, parentCVersion };
  if (type === OpCode.createTtl) return { type, path, data, acl, parentCVersion, ttlMs: ttlMs! };
  return { type, path, data, acl, ephemeral, parentCVersion };
}
