/** What a multi came to: one result an operation, or one error that names the operation at fault. */
import { ErrorCode } from '@menagerie/zookeeper-protocol';
import type { MultiOp, MultiResult, ReadOp, ReadResult } from './api.js';
import { fromAbsolute } from './connect-string.js';
import type { WireMultiResult, WireReadResult } from './driver.js';
import { ZkMultiError, ZooKeeperError, codeOfWireCode, errorOfWireCode, type MultiFailure } from './errors.js';

/**
 * @throws ZkMultiError when the multi was refused
 * @throws ZooKeeperError `ZK_BAD_REPLY` when the reply does not fit the request
 */
export function toMultiResults(
  ops: readonly MultiOp[],
  results: readonly WireMultiResult[],
  chroot: string,
): readonly MultiResult[] {
  if (results.length !== ops.length) {
    const message = `multi: expected ${ops.length} results, the server sent ${results.length}`;
    throw new ZooKeeperError('ZK_BAD_REPLY', message, { outcome: 'maybe-done' });
  }
  const failed = results.findIndex((result) => result.kind === 'error' && result.wireCode !== ErrorCode.Ok);
  if (failed !== -1) throw refusal(ops, results, failed);
  return results.map((result, index) => {
    if (result.kind === 'error' || result.kind !== ops[index]?.kind) {
      const message = `multi: expected the result of a ${ops[index]?.kind} at ${index}, got ${result.kind}`;
      throw new ZooKeeperError('ZK_BAD_REPLY', message, { outcome: 'maybe-done' });
    }
    return result.kind === 'create' ? { ...result, path: fromAbsolute(chroot, result.path) } : result;
  });
}

/** @throws ZooKeeperError `ZK_BAD_REPLY` when the reply does not fit the request */
export function toReadResults(ops: readonly ReadOp[], results: readonly WireReadResult[]): readonly ReadResult[] {
  if (results.length !== ops.length) {
    throw new ZooKeeperError('ZK_BAD_REPLY', `multiRead: expected ${ops.length} results, got ${results.length}`);
  }
  return results.map((result, index): ReadResult => {
    const { kind, path } = ops[index]!;
    if (result.kind === 'error')
      return { kind: 'error', error: errorOfWireCode(result.wireCode, `${kind} ${path}`, path) };
    if (result.kind === kind) return result;
    throw new ZooKeeperError(
      'ZK_BAD_REPLY',
      `multiRead: expected the result of a ${kind} at ${index}, got ${result.kind}`,
    );
  });
}

function refusal(ops: readonly MultiOp[], results: readonly WireMultiResult[], failed: number): ZkMultiError {
  const failures = results.map((result): MultiFailure => {
    const wireCode = result.kind === 'error' ? result.wireCode : ErrorCode.Ok;
    return { wireCode, code: wireCode === ErrorCode.Ok ? null : codeOfWireCode(wireCode) };
  });
  const { wireCode } = failures[failed]!;
  const op = ops[failed]!;
  const code = codeOfWireCode(wireCode);
  const message = `multi: refused as a whole, because operation ${failed} of ${ops.length} (${op.kind} ${op.path}) answers ${code} (${wireCode})`;
  return new ZkMultiError(code, message, failed, failures, { path: op.path, wireCode });
}
