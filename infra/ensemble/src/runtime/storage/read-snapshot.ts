/** A snapshot file that comes from somewhere else, into a database of its own. */
import { DIGEST_VERSION, SnapshotError, SnapshotStreamDecoder } from '@menagerie/zookeeper-protocol';
import type { Database } from '../../core/contract/index.js';
import { hex } from './file-names.js';

/**
 * @param create makes the database, whose `lastProcessedZxid` is in the end what the file says of itself, or 0
 * @throws SnapshotError if this is no snapshot or a damaged one, and what the source throws
 */
export async function readSnapshot<T extends Database>(
  source: AsyncIterable<Buffer>,
  create: () => T,
  { maxFieldBytes }: { readonly maxFieldBytes: number },
): Promise<T> {
  const database = create();
  const decoder = new SnapshotStreamDecoder({ form: 'file', maxFieldBytes });
  const sink = database.beginLoad();
  for await (const chunk of source) for (const item of decoder.push(chunk)) sink.push(item);
  const { digest, lastProcessedZxid } = decoder.end();
  sink.finish(lastProcessedZxid ?? digest?.zxid ?? 0n);
  if (digest === null || digest.zxid === 0n || digest.version !== DIGEST_VERSION) return database;
  const isFuzzy = lastProcessedZxid !== null && lastProcessedZxid !== digest.zxid;
  if (isFuzzy || digest.treeDigest === database.treeDigest) return database;
  throw new SnapshotError(
    `expected the tree digest 0x${hex(digest.treeDigest)}, the content's is 0x${hex(database.treeDigest)}`,
    decoder.consumedBytes,
  );
}
