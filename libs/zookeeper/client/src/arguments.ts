/** What callers hand in, checked and made ready for the wire. A mistake is refused here, before anything is sent. */
import {
  CreateMode,
  OPEN_ACL,
  isCreateMode,
  isSequential,
  isTtl,
  pathFault,
  type Acl,
} from '@menagerie/zookeeper-protocol';
import type { MultiOp, NodeData } from './api.js';
import { toAbsolute } from './connect-string.js';
import type { WireMultiOp } from './driver.js';
import { ZooKeeperError } from './errors.js';

const MIN_VERSION = -1;
const MAX_VERSION = 0x7fffffff;
/** A TTL has 40 bits. Source: EphemeralType.TTL. */
const MAX_TTL_MS = 2 ** 40 - 1;
/** Headers, lengths, versions and flags of one operation: never more than this. */
const FIXED_BYTES_PER_OPERATION = 64;

/** @throws ZooKeeperError `ZK_INVALID_PATH` */
export function checkPath(chroot: string, path: string, sequential = false): string {
  const fault =
    typeof path === 'string' ? pathFault(sequential ? `${path}1` : path) : `expected a string, got ${typeof path}`;
  if (fault !== null) throw new ZooKeeperError('ZK_INVALID_PATH', `"${path}" is no path of a node: ${fault}`, { path });
  return toAbsolute(chroot, path);
}

/** A copy, so that what the caller does to its memory afterwards changes nothing. */
export function toData(data: NodeData | undefined): Buffer {
  if (data === undefined) return Buffer.alloc(0);
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  if (data instanceof Uint8Array) return Buffer.from(data);
  throw invalid(`expected data as string, Buffer or Uint8Array, got ${typeof data}`);
}

export function checkVersion(version: number | undefined): number {
  if (version === undefined) return -1;
  if (!Number.isInteger(version) || version < MIN_VERSION || version > MAX_VERSION) {
    throw invalid(`expected a version from ${MIN_VERSION} to ${MAX_VERSION}, got ${version}`);
  }
  return version;
}

export function checkAcl(acl: readonly Acl[] | undefined): readonly Acl[] {
  if (acl === undefined) return OPEN_ACL;
  if (acl.length === 0) throw invalid('expected at least one entry in an ACL, got none');
  for (const { perms, id } of acl) {
    if (!Number.isInteger(perms) || typeof id?.scheme !== 'string' || typeof id.id !== 'string') {
      throw invalid('expected ACL entries of the form { perms, id: { scheme, id } }');
    }
  }
  return acl;
}

export function checkMode(mode: CreateMode | undefined): CreateMode {
  if (mode === undefined) return CreateMode.persistent;
  if (!isCreateMode(mode)) throw invalid(`expected one of CreateMode, got ${String(mode)}`);
  return mode;
}

/** Set exactly for the modes with a TTL. */
export function checkTtl(mode: CreateMode, ttlMs: number | undefined): { readonly ttlMs?: number } {
  if (!isTtl(mode)) {
    if (ttlMs !== undefined) throw invalid(`expected ttlMs with a mode that has a TTL only, got it with mode ${mode}`);
    return {};
  }
  if (ttlMs === undefined || !Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > MAX_TTL_MS)
    throw invalid(`expected ttlMs from 1 to ${MAX_TTL_MS}, got ${ttlMs}`);
  return { ttlMs };
}

/** Whether these need opcodes of their own: through plain create a server makes an ordinary node of them. */
export function isExtendedMode(mode: CreateMode): boolean {
  return mode > CreateMode.ephemeralSequential;
}

export function toWireOp(chroot: string, op: MultiOp): WireMultiOp {
  switch (op.kind) {
    case 'create': {
      const mode = checkMode(op.mode);
      const path = checkPath(chroot, op.path, isSequential(mode));
      return { kind: 'create', path, data: toData(op.data), acl: checkAcl(op.acl), mode, ...checkTtl(mode, op.ttlMs) };
    }
    case 'delete':
    case 'check':
      return { kind: op.kind, path: checkPath(chroot, op.path), version: checkVersion(op.version) };
    case 'set-data':
      return {
        kind: 'set-data',
        path: checkPath(chroot, op.path),
        data: toData(op.data),
        version: checkVersion(op.version),
      };
  }
}

/** No less than the bytes an operation takes on the wire. */
export function wireBytes(part: {
  readonly path: string;
  readonly data?: Buffer;
  readonly acl?: readonly Acl[];
}): number {
  let bytes = FIXED_BYTES_PER_OPERATION + Buffer.byteLength(part.path) + (part.data?.length ?? 0);
  for (const { id } of part.acl ?? []) bytes += 12 + Buffer.byteLength(id.scheme) + Buffer.byteLength(id.id);
  return bytes;
}

/**
 * A server closes the connection on a request over its limit, which looks like any other loss: so it is refused here.
 * @throws ZooKeeperError `ZK_TOO_LARGE`
 */
export function checkSize(bytes: number, maxBytes: number, what: string, path: string | undefined): void {
  if (bytes <= maxBytes) return;
  throw new ZooKeeperError(
    'ZK_TOO_LARGE',
    `${what}: expected a request of at most ${maxBytes} bytes, this has about ${bytes}`,
    {
      path,
    },
  );
}

export function invalid(message: string): ZooKeeperError {
  return new ZooKeeperError('ZK_INVALID_ARGUMENT', message);
}
