/**
 * What the disk holds into the database: the newest snapshot that can be trusted, and every logged transaction after it.
 * Source: FileTxnSnapLog.restore, FileSnap.deserialize.
 */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { DIGEST_VERSION, maxFieldBytes, ZkProtocolError } from '@menagerie/zookeeper-protocol';
import { epochOf, type CoreLog, type Database } from '../../core/contract/index.js';
import { SnapshotContentError } from '../../core/errors.js';
import { DamagedDataError } from '../errors.js';
import type { StorageConfig } from '../config/index.js';
import type { DataDirectories } from './directories.js';
import { fsyncDirectory, truncateDurably } from './durable.js';
import { hex, listLogs, listSnapshots, type DataFile } from './file-names.js';
import { firstAfter, replayLog, type LogEnd } from './log-replay.js';
import { scanLog } from './log-scan.js';
import { glanceAt, loadSnapshot } from './snapshot-file.js';
import { dropHistoryBefore } from './truncation.js';

export interface Recovered {
  /** Null if there was none. */
  readonly snapshotZxid: bigint | null;
  readonly transactions: number;
  /** Nothing was on disk at all. */
  readonly isEmpty: boolean;
}

/** As many as Apache tries. */
const MAX_SNAPSHOTS_TRIED = 100;

export interface RecoveryContext {
  readonly directories: DataDirectories;
  readonly config: StorageConfig;
  readonly database: Database;
  readonly log: CoreLog;
  readonly beforeReplay?: () => void;
}

/**
 * Fills the (cleared) database and cuts off what a crash left at the end of the log.
 *
 * @throws DamagedDataError for anything that can not be trusted; what is on the disk is what was there then
 */
export async function recover(context: RecoveryContext): Promise<Recovered> {
  const { directories, config, database, log } = context;
  const snapshots = await listSnapshots(directories.snapshots);
  const logs = await listLogs(directories.logs);
  const loaded = await loadNewest(context, snapshots);
  if (loaded === null) {
    database.clear();
    if (logs.length > 0 && !config.trustEmptySnapshot) {
      throw new DamagedDataError(
        directories.snapshots,
        `expected a snapshot, found none and ${logs.length} logs from ${logs[0]!.name} on (snapshot.trust.empty=true starts from the logs alone)`,
      );
    }
  } else if (loaded !== snapshots[0]) {
    expectLogsReachBack(directories, loaded, logs);
  }
  context.beforeReplay?.();
  await dropEmptyTail(directories.logs, logs, log);
  const snapshotZxid = loaded?.zxid ?? null;
  let transactions = 0;
  const end = await replayLog(
    directories.logs,
    snapshotZxid ?? 0n,
    maxFieldBytes(config.maxBufferBytes),
    (proposal) => {
      database.apply(proposal);
      transactions++;
    },
  );
  await mendEnd(end, log);
  // The last step of saving a snapshot that came from a leader, which a crash may have left undone.
  if (loaded !== null && loaded === snapshots[0] && !end.holdsStart) await dropHistoryBefore(directories, loaded.zxid);
  return { snapshotZxid, transactions, isEmpty: loaded === null && logs.length === 0 };
}

async function loadNewest(context: RecoveryContext, snapshots: readonly DataFile[]): Promise<DataFile | null> {
  const { database, log, directories } = context;
  let lastProblem = '';
  for (const file of snapshots.slice(0, MAX_SNAPSHOTS_TRIED)) {
    database.clear();
    try {
      const problem = (await glanceAt(file)) ?? (await load(context, file));
      if (problem === null) return file;
      lastProblem = problem;
    } catch (error) {
      if (!saysSnapshotIsDamaged(error)) throw error;
      lastProblem = error.message;
    }
    log.warn('snapshot can not be used, trying an older one', { file: file.path, problem: lastProblem });
  }
  if (snapshots.length === 0) return null;
  throw new DamagedDataError(
    directories.snapshots,
    `expected a valid snapshot, none of ${snapshots.length} is, the oldest tried because: ${lastProblem}`,
  );
}

/**
 * A snapshot that its own digest speaks against is good all the same if, with the transaction that comes next, the tree is
 * what the log says it is then: Apache's may be that one ahead, see `DigestCheck`. Leaves that transaction applied.
 *
 * @returns what is wrong, or null
 */
async function load({ database, config, directories }: RecoveryContext, file: DataFile): Promise<string | null> {
  const limit = maxFieldBytes(config.maxBufferBytes);
  const contradiction = await loadSnapshot(file, database, limit);
  if (contradiction === null) return null;
  const next = await firstAfter(directories.logs, file.zxid, limit);
  if (next?.digest?.version !== DIGEST_VERSION) return contradiction;
  database.apply(next);
  return next.digest.treeDigest === database.treeDigest ? null : contradiction;
}

/** With an older snapshot the logs must go back to it; across epochs the numbers alone would not show a gap. */
function expectLogsReachBack(directories: DataDirectories, loaded: DataFile, logs: readonly DataFile[]): void {
  const next = logs.find((file) => file.zxid > loaded.zxid);
  if (next === undefined || logs.some((file) => file.zxid <= loaded.zxid + 1n)) return;
  if (epochOf(next.zxid) === epochOf(loaded.zxid) || loaded.zxid === 0n) return;
  throw new DamagedDataError(
    directories.logs,
    `expected logs from zxid 0x${hex(loaded.zxid)} on, the newest snapshot that can be read, found them from ${next.name} on`,
  );
}

/**
 * A power failure may leave several files at the end in which nothing was ever safe: each was the last one when its header
 * was written. They go, or the next log, which has the name of the first of them, could not be made.
 */
async function dropEmptyTail(directory: string, logs: readonly DataFile[], log: CoreLog): Promise<void> {
  const newestFirst = [...logs].sort((a, b) => (a.zxid < b.zxid ? 1 : -1));
  const empty: DataFile[] = [];
  for (const file of newestFirst) {
    if (!(await holdsNothing(file, file === newestFirst[0]))) break;
    empty.push(file);
  }
  for (const file of empty) {
    log.warn('removing a log without transactions', { file: file.path });
    await unlink(join(directory, file.name));
    await fsyncDirectory(directory);
  }
}

/**
 * Damage of the last file is not nothing: whoever replays the log says what it is.
 * @throws DamagedDataError for an older one
 */
async function holdsNothing(file: DataFile, isLast: boolean): Promise<boolean> {
  try {
    const end = await scanLog(file, () => false, { isLast });
    return end !== null && end.lastZxid === null;
  } catch (error) {
    if (isLast && error instanceof DamagedDataError) return false;
    throw error;
  }
}

/** The end of the log becomes clean on disk, so that Apache, which does not mend it, can start on it too. */
async function mendEnd(end: LogEnd, log: CoreLog): Promise<void> {
  if (end.newest === null) return;
  const { file, end: found } = end.newest;
  if (found.lastZxid === null || found.kind === 'clean') return;
  log.warn('cutting off an interrupted write at the end of the log', {
    file: file.path,
    offset: found.offset,
    lastZxid: `0x${hex(found.lastZxid)}`,
  });
  await truncateDurably(file.path, found.offset);
}

/** Damage shows before the checksum behind it is reached: as bytes of no meaning, or as a tree that can not be. */
function saysSnapshotIsDamaged(error: unknown): error is Error {
  if (error instanceof ZkProtocolError || error instanceof SnapshotContentError) return true;
  return String((error as { readonly code?: unknown } | null)?.code).startsWith('Z_');
}
