import type { Id, Txn, TxnDigest, TxnHeader } from '@menagerie/zookeeper-protocol';

/**
 * One transaction on its way from preparation to the tree.
 *
 * Invariant: `bytes` is `encodeTxnRecord(header, txn, digest)`, made once by whoever created or received the
 * transaction: the same bytes go into the log, into PROPOSAL and into INFORM.
 */
export interface Proposal {
  readonly zxid: bigint;
  readonly header: TxnHeader;
  readonly txn: Txn;
  readonly digest: TxnDigest | null;
  readonly bytes: Buffer;
}

/** A request that changes state or needs order (writes, sessions, sync), as it travels to the leader. */
export interface Request {
  readonly sessionId: bigint;
  readonly cxid: number;
  /** An OpCode. */
  readonly type: number;
  /** The request record, undecoded, without its header. */
  readonly body: Buffer;
  readonly authInfo: readonly Id[];
}

export const EPOCH_SHIFT = 32n;
export const COUNTER_MASK = 0xffff_ffffn;

/** zxid = epoch in the high 32 bits, counter in the low. */
export const makeZxid = (epoch: number, counter: number): bigint =>
  (BigInt(epoch) << EPOCH_SHIFT) | BigInt(counter >>> 0);
export const epochOf = (zxid: bigint): number => Number(zxid >> EPOCH_SHIFT);
export const counterOf = (zxid: bigint): number => Number(zxid & COUNTER_MASK);
/** As logs and four-letter words show it. */
export const formatZxid = (zxid: bigint): string => `0x${BigInt.asUintN(64, zxid).toString(16)}`;

/** Whether nothing can be missing between two transactions: the next counter, or the first of a later epoch. */
export const followsZxid = (zxid: bigint, previous: bigint): boolean =>
  zxid === previous + 1n || (epochOf(zxid) > epochOf(previous) && counterOf(zxid) === 1);
