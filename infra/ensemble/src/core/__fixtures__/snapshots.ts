/** Taking and loading snapshots in specs, ours and one written the way Apache writes them. */
import {
  encodeSnapshotAcl,
  encodeSnapshotAclCount,
  encodeSnapshotEnd,
  encodeSnapshotNode,
  encodeSnapshotSession,
  encodeSnapshotSessionCount,
  JuteWriter,
  type SnapshotDigest,
  SnapshotStreamDecoder,
} from '@menagerie/zookeeper-protocol';
import type { SnapshotSource } from '../contract/index.js';
import type { ReplicatedDatabase } from '../database/index.js';

export function drain(source: SnapshotSource, maxBytes = 64): Buffer {
  const pieces: Buffer[] = [];
  for (let piece = source.next(maxBytes); piece !== null; piece = source.next(maxBytes)) pieces.push(piece);
  return Buffer.concat(pieces);
}

export function load(
  database: ReplicatedDatabase,
  body: Buffer,
  zxid: bigint,
  digest: SnapshotDigest | null = null,
): void {
  const decoder = new SnapshotStreamDecoder({ form: 'network' });
  const sink = database.beginLoad();
  for (const item of decoder.push(body)) sink.push(item);
  if (!decoder.done) throw new Error('expected the body to end');
  sink.finish(zxid, digest);
}

/**
 * Apache's way: session table, then ACL table, then the tree node by node, each as it is when its turn comes; `between`
 * runs before each of these steps and changes the state.
 */
export function fuzzyBody(database: ReplicatedDatabase, between: () => void): Buffer {
  const writer = new JuteWriter();
  const { sessions } = database;
  encodeSnapshotSessionCount(writer, sessions.size);
  for (const [id, timeoutMs] of sessions) encodeSnapshotSession(writer, id, timeoutMs);
  between();
  const { tree } = database;
  encodeSnapshotAclCount(writer, tree.acls.size);
  for (const entry of tree.acls.entries()) encodeSnapshotAcl(writer, entry.id, entry.acl);
  between();
  const writeNode = (path: string): void => {
    const node = tree.get(path);
    if (node === undefined) return;
    const children = Array.from(node.children(), (child) => child.path);
    const data = node.data === null ? null : Buffer.from(node.data, 'latin1');
    encodeSnapshotNode(writer, path === '/' ? '' : path, data, node.acl.id, tree.stats.read(node.stat));
    for (const child of children) {
      between();
      writeNode(child);
    }
  };
  writeNode('/');
  encodeSnapshotEnd(writer);
  return writer.toBuffer();
}
