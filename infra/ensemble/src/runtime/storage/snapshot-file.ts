/** Snapshot files: written whole or not at all, judged before they are believed. */
import { createReadStream } from 'node:fs';
import { open, rename, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { DIGEST_VERSION, SnapshotFileFrame, SnapshotStreamDecoder } from '@menagerie/zookeeper-protocol';
import type { Database, SnapshotSource } from '../../core/contract/index.js';
import { fsyncDirectory } from './durable.js';
import { hex, snapshotFileName, unfinishedSnapshotName, type DataFile } from './file-names.js';

/** What one piece may cost: it is made and summed up between two turns of the loop. */
const PIECE_BYTES = 128 * 1024;
const READ_BYTES = 512 * 1024;
/**
 * So much of a snapshot goes to the disk at a time. A file system that orders data before its journal (ext4) makes every
 * fdatasync of the log wait for all that is unwritten of other files: at the end of a snapshot of 117 MB, 40 to 65 ms.
 */
const SYNC_EVERY_BYTES = 1024 * 1024;

/** Length 1 and "/": the end of every seal. */
const SEAL_END = Buffer.from([0, 0, 0, 1, 0x2f]);
const MIN_SNAPSHOT_BYTES = 10;

export interface WriteSnapshotOptions {
  readonly withDigest: boolean;
  /** Looked at between pieces. */
  readonly isAborted: () => boolean;
}

/**
 * Drains `source` into `snapshot.<zxid>`, durable when this resolves. The source is used up in any case.
 *
 * @returns the file's size, null if it was aborted: then there is no file
 */
export async function writeSnapshot(
  directory: string,
  source: SnapshotSource,
  { withDigest, isAborted }: WriteSnapshotOptions,
): Promise<number | null> {
  const temporary = join(directory, unfinishedSnapshotName(source.zxid));
  let drained = false;
  let complete = false;
  try {
    const handle = await open(temporary, 'w');
    try {
      const frame = new SnapshotFileFrame();
      await handle.appendFile(frame.header());
      let unsyncedBytes = 0;
      for (;;) {
        if (isAborted()) return null;
        const piece = source.next(PIECE_BYTES);
        if (piece === null) break;
        await handle.appendFile(frame.body(piece));
        unsyncedBytes += piece.length;
        if (unsyncedBytes < SYNC_EVERY_BYTES) continue;
        await handle.datasync();
        unsyncedBytes = 0;
      }
      drained = true;
      const digest = { zxid: source.zxid, version: DIGEST_VERSION, treeDigest: source.treeDigest };
      await handle.appendFile(frame.trailer({ digest: withDigest ? digest : null, lastProcessedZxid: null }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (isAborted()) return null;
    const { size } = await stat(temporary);
    await rename(temporary, join(directory, snapshotFileName(source.zxid)));
    complete = true;
    await fsyncDirectory(directory);
    return size;
  } finally {
    if (!drained) source.abort();
    if (!complete) await unlink(temporary).catch(() => undefined);
  }
}

/** Apache's quick look: a file that was cut short does not end in a seal. @returns what is wrong, or null */
export async function glanceAt(file: DataFile): Promise<string | null> {
  if (basename(file.path).endsWith('.snappy')) return 'expected a plain or gzip snapshot, this server has no snappy';
  if (isGzip(file)) return null;
  const handle = await open(file.path, 'r');
  try {
    const { size } = await handle.stat();
    if (size < MIN_SNAPSHOT_BYTES) return `expected at least ${MIN_SNAPSHOT_BYTES} bytes, found ${size}`;
    const { buffer } = await handle.read(Buffer.alloc(SEAL_END.length), 0, SEAL_END.length, size - SEAL_END.length);
    return buffer.equals(SEAL_END) ? null : 'expected a seal at the end, the file was cut short';
  } finally {
    await handle.close();
  }
}

/**
 * Reads a snapshot into the database.
 *
 * @returns what its own digest says against the content, or null. That may be damage, or a snapshot of Apache's that holds
 *   one transaction more than its digest: see `DigestCheck`.
 * @throws SnapshotError, zlib and system errors; the database is incomplete then and must be cleared
 */
export async function loadSnapshot(file: DataFile, database: Database, maxFieldBytes: number): Promise<string | null> {
  const decoder = new SnapshotStreamDecoder({ form: 'file', maxFieldBytes });
  const sink = database.beginLoad();
  const raw = createReadStream(file.path, { highWaterMark: READ_BYTES });
  try {
    for await (const chunk of isGzip(file) ? raw.pipe(createGunzip()) : raw) {
      for (const item of decoder.push(chunk as Buffer)) sink.push(item);
    }
  } finally {
    raw.destroy();
  }
  const { digest } = decoder.end();
  sink.finish(file.zxid, digest);
  // A fuzzy snapshot becomes exact later, in the replay; the database compares then.
  // Apache's first snapshot, of nothing, has a digest of zxid 0, which says that it knew none.
  if (digest === null || digest.zxid === 0n || digest.zxid !== file.zxid || digest.version !== DIGEST_VERSION)
    return null;
  if (digest.treeDigest === database.treeDigest) return null;
  return `expected the tree digest 0x${hex(digest.treeDigest)}, the content's is 0x${hex(database.treeDigest)}`;
}

function isGzip(file: DataFile): boolean {
  return file.name.endsWith('.gz');
}
