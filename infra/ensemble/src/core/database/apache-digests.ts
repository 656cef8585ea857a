/**
 * Where Apache 3.8 as leader announces a digest which no server, itself included, has after the transaction: it computes
 * the owner of a new node from the flags of the request, while the transaction makes what its opcode says. So a create
 * with the flags of a container, and a createContainer with any others, come with a wrong digest; a few transactions
 * that were prepared behind it inherit the difference. Source: PrepRequestProcessor.pRequest2TxnCreate.
 */
import { CONTAINER_OWNER, nodeDigest, OpCode } from '@menagerie/zookeeper-protocol';
import type { Proposal } from '../contract/index.js';
import type { DataTree } from '../tree/data-tree.js';

/** Whether `expected` is what such a leader would say, when the tree is rightly at `actual`. */
export function isApachesMistake(tree: DataTree, { header, txn }: Proposal, expected: bigint, actual: bigint): boolean {
  const wrongOwners = ownersFromFlags(txn.type, header.clientId);
  const node = 'path' in txn ? tree.get(txn.path) : undefined;
  if (node === undefined || !node.counted) return false;
  const data = node.data === null ? null : Buffer.from(node.data, 'latin1');
  const stat = tree.stats.read(node.stat);
  return wrongOwners.some((ephemeralOwner) => {
    const digest = nodeDigest(node.path, data, { ...stat, ephemeralOwner });
    return BigInt.asIntN(64, actual - BigInt(node.digest >>> 0) + BigInt(digest)) === expected;
  });
}

function ownersFromFlags(type: number, sessionId: bigint): bigint[] {
  if (type === OpCode.create || type === OpCode.create2) return [CONTAINER_OWNER];
  return type === OpCode.createContainer ? [0n, sessionId] : [];
}
