/**
 * Locks by fencing token: whoever writes to what a lock guards says by which node it holds the lock. Then that node is
 * the first in line, and no holder comes after one with a larger number.
 */
import { OpCode, type Txn } from '@menagerie/zookeeper-protocol';
import { Violation } from '../engine/violation.js';
import type { TreeModel } from './tree-model.js';
import { hexZxid } from './zxids.js';

export const LOCK_DIRECTORY = '/locks';
export const GUARDED_NODE = '/guarded';

const numberOf = (path: string): number => Number(path.slice(-10));

export class Fencing {
  private lastToken = -1;

  constructor(private readonly tree: TreeModel) {}

  /** What is about to be applied. */
  before(zxid: number, txn: Txn): void {
    if (txn.type !== OpCode.multi || txn.ops.some((op) => op.type === OpCode.error)) return;
    for (const op of txn.ops) {
      if (op.type === OpCode.setData && op.path === GUARDED_NODE) this.written(zxid, op.data?.toString() ?? '');
    }
  }

  private written(zxid: number, holder: string): void {
    const token = numberOf(holder);
    const first = [...this.tree.childNames(LOCK_DIRECTORY)].reduce<string | null>(
      (least, path) => (least === null || numberOf(path) < numberOf(least) ? path : least),
      null,
    );
    if (first !== holder) {
      throw new Violation(
        'one holder a lock',
        `${hexZxid(zxid)} is written by ${holder} while ${first} is first in line`,
      );
    }
    if (token < this.lastToken) {
      throw new Violation('fencing tokens grow', `${hexZxid(zxid)} comes with token ${token} after ${this.lastToken}`);
    }
    this.lastToken = token;
  }
}
