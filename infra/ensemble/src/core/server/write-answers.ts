/** The bodies of answers to writes, at the moment their transaction is applied. Source: FinalRequestProcessor.java. */
import { ErrorCode, type JuteWriter, OpCode, type Txn } from '@menagerie/zookeeper-protocol';
import type { TxnResults } from '../database/apply-txn.js';
import type { DataTree } from '../tree/data-tree.js';
import { writeMultiHeader } from './reads.js';

/** The body by the type of the request; the transaction has been applied without error. */
export function writeAnswerBody(body: JuteWriter, type: number, txn: Txn, tree: DataTree): void {
  switch (type) {
    case OpCode.create:
      body.writeString(pathOf(txn));
      return;
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTtl:
      body.writeString(pathOf(txn));
      writeStat(body, tree, pathOf(txn));
      return;
    case OpCode.setData:
    case OpCode.setAcl:
      writeStat(body, tree, pathOf(txn));
      return;
    case OpCode.reconfig:
      body.writeBuffer(txn.type === OpCode.reconfig ? txn.data : null);
      writeStat(body, tree, pathOf(txn));
      return;
    default:
      // delete and closeSession are answered with a header only.
      return;
  }
}

/**
 * Gathers what becomes of a transaction's operations while it is applied: the first error of a plain one, and the
 * answer's elements of a multi, whose stats are those of that very moment.
 */
export class TxnAnswer implements TxnResults {
  err: number = ErrorCode.Ok;
  /** A multi's caller has gone to another server (ZOOKEEPER-710). */
  sessionMoved = false;
  private isMulti = false;

  constructor(
    private readonly body: JuteWriter,
    private readonly tree: () => DataTree,
  ) {}

  begin(isMulti: boolean): this {
    this.err = ErrorCode.Ok;
    this.sessionMoved = false;
    this.isMulti = isMulti;
    this.body.reset();
    return this;
  }

  applied(type: number, err: number, path: string | null): void {
    if (!this.isMulti) {
      this.err = err;
      return;
    }
    if (err === ErrorCode.SessionMoved) this.sessionMoved = true;
    if (type === OpCode.error || err !== ErrorCode.Ok) {
      writeMultiHeader(this.body, OpCode.error, false, err);
      this.body.writeInt(err);
    } else {
      this.writeResult(type, path ?? '');
    }
  }

  /** The elements, ended. They are the caller's from now on. */
  takeMultiBody(): Buffer {
    writeMultiHeader(this.body, -1, true, -1);
    return this.body.toBuffer();
  }

  private writeResult(type: number, path: string): void {
    const { body } = this;
    switch (type) {
      case OpCode.create:
        writeMultiHeader(body, OpCode.create, false, ErrorCode.Ok);
        body.writeString(path);
        return;
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTtl:
        writeMultiHeader(body, OpCode.create2, false, ErrorCode.Ok);
        body.writeString(path);
        writeStat(body, this.tree(), path);
        return;
      case OpCode.setData:
        writeMultiHeader(body, OpCode.setData, false, ErrorCode.Ok);
        writeStat(body, this.tree(), path);
        return;
      case OpCode.deleteContainer:
        writeMultiHeader(body, OpCode.delete, false, ErrorCode.Ok);
        return;
      default:
        writeMultiHeader(body, type, false, ErrorCode.Ok);
    }
  }
}

function pathOf(txn: Txn): string {
  return 'path' in txn ? txn.path : '';
}

function writeStat(body: JuteWriter, tree: DataTree, path: string): void {
  const node = tree.get(path)!;
  tree.stats.writeVisible(body, node.stat, node.isEphemeral);
}
