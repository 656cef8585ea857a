/**
 * multi: each operation is prepared over the pending changes of those before it; the first that fails takes all of
 * them back. Source: PrepRequestProcessor.pRequestHelper (multi), MultiOperationRecord.java, Op.java.
 */
import {
  CreateMode,
  decodeMultiRequest,
  ErrorCode,
  isCreateMode,
  isTtl,
  JuteError,
  type JuteReader,
  type MultiWriteOp,
  OpCode,
  type Txn,
} from '@menagerie/zookeeper-protocol';
import { prepareCheck, prepareDelete, prepareSetData } from './prepare-change.js';
import { type CreateType, prepareCreate } from './prepare-create.js';
import type { Preparation, PreparationTools, Prepared } from './preparation.js';

export interface PreparedMulti {
  readonly txn: Txn & { type: typeof OpCode.multi };
  readonly failed: boolean;
}

/** @throws JuteError if the request can not be read, or mixes reads with writes */
export function prepareMulti(tools: PreparationTools, by: Preparation, reader: JuteReader): PreparedMulti {
  const { ops } = decodeMultiRequest(reader);
  const txns: Txn[] = [];
  for (const op of ops) {
    const prepared = prepareOp(tools, by, op);
    if (typeof prepared === 'number') {
      tools.changes.rollBack();
      return { txn: { type: OpCode.multi, ops: refusals(ops.length, txns.length, prepared) }, failed: true };
    }
    txns.push(prepared);
  }
  return { txn: { type: OpCode.multi, ops: txns }, failed: false };
}

/** Those before the failing one did nothing wrong; those after it were not looked at. */
function refusals(count: number, failedAt: number, code: ErrorCode): Txn[] {
  return Array.from({ length: count }, (_, i): Txn => {
    if (i === failedAt) return { type: OpCode.error, err: code };
    return { type: OpCode.error, err: i < failedAt ? ErrorCode.Ok : ErrorCode.RuntimeInconsistency };
  });
}

function prepareOp(tools: PreparationTools, by: Preparation, op: MultiWriteOp): Prepared {
  switch (op.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return prepareCreate(tools, by, typeByFlags(op.request.flags), op.request, null);
    case OpCode.createTtl: {
      const { request } = op;
      if (hasTtl(request.flags)) return prepareCreate(tools, by, OpCode.createTtl, request, request.ttlMs);
      return prepareCreate(tools, by, typeByFlags(request.flags), request, null);
    }
    case OpCode.delete:
      return prepareDelete(tools, by, op.request.path, op.request.version);
    case OpCode.setData:
      return prepareSetData(tools, by, op.request.path, op.request.data, op.request.version);
    case OpCode.check:
      return prepareCheck(tools, by, op.request.path, op.request.version);
  }
}

/**
 * Inside a multi it is the flags that say what is created, not the opcode: a create2 of a persistent node comes back as
 * a create, without a stat. Flags with a time to live in a record that has none make the whole request unreadable.
 */
function typeByFlags(flags: number): CreateType {
  if (hasTtl(flags)) throw new JuteError('ZK_JUTE_VALUE', `expected a createTTL for the flags ${flags}`, 0);
  return flags === CreateMode.container ? OpCode.createContainer : OpCode.create;
}

const hasTtl = (flags: number): boolean => isCreateMode(flags) && isTtl(flags);
