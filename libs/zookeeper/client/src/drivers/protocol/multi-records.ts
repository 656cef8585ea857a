/** The operations of a multi and of a multiRead, and their results. */
import {
  CreateMode,
  OpCode,
  isTtl,
  type MultiReadOp,
  type MultiResult,
  type MultiWriteOp,
} from '@menagerie/zookeeper-protocol';
import type { WireMultiOp, WireMultiResult, WireReadOp, WireReadResult } from '../../driver.js';
import { ownBytes } from './own-bytes.js';

/** All of these answer with the stat of the node; opcode `create` does not. */
export function createOpCode(
  mode: CreateMode,
): typeof OpCode.create2 | typeof OpCode.createContainer | typeof OpCode.createTtl {
  if (mode === CreateMode.container) return OpCode.createContainer;
  return isTtl(mode) ? OpCode.createTtl : OpCode.create2;
}

export function toMultiOp(op: WireMultiOp): MultiWriteOp {
  switch (op.kind) {
    case 'create': {
      const request = { path: op.path, data: op.data, acl: op.acl, flags: op.mode };
      const type = createOpCode(op.mode);
      if (type === OpCode.createTtl) return { type, request: { ...request, ttlMs: BigInt(op.ttlMs ?? 0) } };
      return { type, request };
    }
    case 'delete':
      return { type: OpCode.delete, request: { path: op.path, version: op.version } };
    case 'set-data':
      return { type: OpCode.setData, request: { path: op.path, data: op.data, version: op.version } };
    case 'check':
      return { type: OpCode.check, request: { path: op.path, version: op.version } };
  }
}

export function toReadOp({ kind, path }: WireReadOp): MultiReadOp {
  return { type: kind === 'get-data' ? OpCode.getData : OpCode.getChildren, request: { path, watch: false } };
}

export function toWriteResult(result: MultiResult): WireMultiResult {
  switch (result.type) {
    case OpCode.create:
      return { kind: 'create', path: result.path };
    case OpCode.create2:
      return { kind: 'create', path: result.path, stat: result.stat };
    case OpCode.delete:
      return { kind: 'delete' };
    case OpCode.check:
      return { kind: 'check' };
    case OpCode.setData:
      return { kind: 'set-data', stat: result.stat };
    case OpCode.error:
      return { kind: 'error', wireCode: result.err };
    default:
      throw new RangeError(`expected the result of a write in the reply to a multi, got type ${result.type}`);
  }
}

export function toReadResult(result: MultiResult): WireReadResult {
  switch (result.type) {
    case OpCode.getData:
      return { kind: 'get-data', data: ownBytes(result.data), stat: result.stat };
    case OpCode.getChildren:
      return { kind: 'get-children', children: result.children };
    case OpCode.error:
      return { kind: 'error', wireCode: result.err };
    default:
      throw new RangeError(`expected the result of a read in the reply to a multiRead, got type ${result.type}`);
  }
}
