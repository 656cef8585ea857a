/** Removes snapshots and logs that no recovery needs. Source: PurgeTxnLog.java, DatadirCleanupManager.java. */
import { unlink } from 'node:fs/promises';
import type { CoreLog } from '../../core/contract/index.js';
import type { DataDirectories } from './directories.js';
import { listLogs, listSnapshots, type DataFile } from './file-names.js';
import { filesFrom } from './log-replay.js';
import { glanceAt } from './snapshot-file.js';

/**
 * Keeps the newest `retain` valid snapshots and every log that may hold a transaction after the oldest of them: that
 * includes the one log that begins before it.
 *
 * @returns the names of what was removed
 */
export async function purge(directories: DataDirectories, retain: number, log: CoreLog): Promise<string[]> {
  const snapshots = await listSnapshots(directories.snapshots);
  const oldestKept = await findOldestKept(snapshots, retain);
  if (oldestKept === null) return [];
  const logs = await listLogs(directories.logs);
  const keptLogs = new Set(filesFrom(logs, oldestKept.zxid));
  const removed: string[] = [];
  for (const file of [
    ...snapshots.filter(({ zxid }) => zxid < oldestKept.zxid),
    ...logs.filter((candidate) => !keptLogs.has(candidate)),
  ]) {
    await unlink(file.path);
    removed.push(file.name);
  }
  if (removed.length > 0) log.info('purged', { files: removed.length, oldestKept: oldestKept.name });
  return removed;
}

async function findOldestKept(newestFirst: readonly DataFile[], retain: number): Promise<DataFile | null> {
  let oldest: DataFile | null = null;
  let valid = 0;
  for (const file of newestFirst) {
    if (valid === retain) break;
    if ((await glanceAt(file)) !== null) continue;
    oldest = file;
    valid++;
  }
  return valid === retain ? oldest : null;
}
