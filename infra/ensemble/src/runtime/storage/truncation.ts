/**
 * Takes transactions back: a leader said that they never happened.
 *
 * Snapshots that contain any of them go as well (ZOOKEEPER-1549, 4837), the cut is fsynced, and nothing goes on writing
 * at an old position (ZOOKEEPER-1489): the next transaction begins a new file. The log's writer must be closed and no
 * snapshot be under way for any of these.
 */
import { createReadStream } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { encodeLogHeader } from '@menagerie/zookeeper-protocol';
import { counterOf } from '../../core/contract/index.js';
import type { DataDirectories } from './directories.js';
import { fsyncDirectory, truncateDurably, writeFileDurably } from './durable.js';
import { listLogs, listSnapshots, logFileName, UNFINISHED_LOG, type DataFile } from './file-names.js';
import { filesFrom, follows } from './log-replay.js';
import { scanLog } from './log-scan.js';
import { glanceAt } from './snapshot-file.js';

/**
 * Whether the disk, cut behind `zxid`, would give exactly the state at `zxid`: a snapshot has it, or the log leads from
 * an older snapshot to that very transaction without a hole. (epoch, 0) is no transaction; the log can only lead up to
 * it if no snapshot lies beyond, since what lies between may never have been in the log.
 */
export async function canTruncateTo(directories: DataDirectories, zxid: bigint): Promise<boolean> {
  const snapshots = await listSnapshots(directories.snapshots);
  const base = await newestValid(snapshots.filter((file) => file.zxid <= zxid));
  if (base === null) return false;
  if (base.zxid === zxid) return true;
  if (counterOf(zxid) === 0 && snapshots.some((file) => file.zxid > zxid)) return false;
  const last = await lastInSequence(directories.logs, base.zxid, zxid);
  return last === zxid || (last !== null && counterOf(zxid) === 0);
}

/** The last transaction in (afterZxid, toZxid]; null if there is a hole among them. */
async function lastInSequence(directory: string, afterZxid: bigint, toZxid: bigint): Promise<bigint | null> {
  const files = filesFrom(await listLogs(directory), afterZxid);
  let last = afterZxid;
  let hasHole = false;
  for (const [index, file] of files.entries()) {
    if (hasHole || last >= toZxid) break;
    await scanLog(
      file,
      (records) => {
        for (const { zxid } of records) {
          if (zxid > toZxid) return false;
          if (zxid <= afterZxid) continue;
          hasHole = !follows(last, zxid);
          if (hasHole) return false;
          last = zxid;
        }
        return true;
      },
      { isLast: index === files.length - 1 },
    );
  }
  return hasHole ? null : last;
}

/**
 * Removes what is logged after `zxid`, the newest first: whatever a crash leaves is a log without a hole. So the later
 * files are gone for good before the one they follow is cut: between a file and a directory the disk keeps no order.
 */
export async function cutLog(directory: string, zxid: bigint): Promise<void> {
  const newestFirst = (await listLogs(directory)).reverse();
  const later = newestFirst.filter((file) => file.zxid > zxid);
  for (const file of later) await unlink(file.path);
  if (later.length > 0) await fsyncDirectory(directory);
  const cut = newestFirst[later.length];
  if (cut !== undefined) await cutFile(cut, zxid);
}

export async function dropSnapshotsAfter(directory: string, zxid: bigint): Promise<void> {
  const later = (await listSnapshots(directory)).filter((file) => file.zxid > zxid);
  for (const file of later) await unlink(file.path);
  if (later.length > 0) await fsyncDirectory(directory);
}

/**
 * Removes what is logged up to `zxid` and the snapshots before it: between them and the snapshot of `zxid` lies a hole,
 * which the zxids do not show once it is at the start of an epoch. What is logged after `zxid` stays.
 */
export async function dropHistoryBefore(directories: DataDirectories, zxid: bigint): Promise<void> {
  const earlier = (await listLogs(directories.logs)).filter((file) => file.zxid <= zxid);
  for (const file of earlier) {
    await keepRecordsAfter(directories.logs, file, zxid);
    await unlink(file.path);
  }
  const older = (await listSnapshots(directories.snapshots)).filter((file) => file.zxid < zxid);
  for (const file of older) await unlink(file.path);
  if (earlier.length > 0) await fsyncDirectory(directories.logs);
  if (older.length > 0) await fsyncDirectory(directories.snapshots);
}

/** Apache logs on in the same file when it has got a snapshot from its leader. */
async function keepRecordsAfter(directory: string, file: DataFile, zxid: bigint): Promise<void> {
  let first: { readonly zxid: bigint; readonly offset: number } | null = null;
  const end = await scanLog(
    file,
    (records) => {
      first ??= records.find((record) => record.zxid > zxid) ?? null;
    },
    { isLast: true },
  );
  if (first === null) return;
  const { zxid: firstZxid, offset } = first as { zxid: bigint; offset: number };
  await writeFileDurably(directory, logFileName(firstZxid), UNFINISHED_LOG, async (handle) => {
    await handle.appendFile(encodeLogHeader());
    const kept = createReadStream(file.path, { start: offset, end: end!.offset - 1 });
    for await (const chunk of kept) await handle.appendFile(chunk as Buffer);
  });
}

async function newestValid(newestFirst: readonly DataFile[]): Promise<DataFile | null> {
  for (const file of newestFirst) if ((await glanceAt(file)) === null) return file;
  return null;
}

async function cutFile(file: DataFile, zxid: bigint): Promise<void> {
  let cutAt: number | null = null;
  await scanLog(
    file,
    (records) => {
      const first = records.find((record) => record.zxid > zxid);
      if (first === undefined) return true;
      cutAt = first.offset;
      return false;
    },
    { isLast: true },
  );
  if (cutAt !== null) await truncateDurably(file.path, cutAt);
}
