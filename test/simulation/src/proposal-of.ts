import { decodeTxnRecord } from '@menagerie/zookeeper-protocol';
import type { Proposal } from '@menagerie/ensemble';

/** A transaction out of the bytes that stand for it in a log. */
export function proposalOf(bytes: Buffer): Proposal {
  const { header, txn, digest } = decodeTxnRecord(bytes);
  return { zxid: header.zxid, header, txn, digest, bytes };
}
