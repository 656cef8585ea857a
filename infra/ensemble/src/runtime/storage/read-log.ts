/** Reads transactions back for a learner that is too far behind for the memory and not far enough for a snapshot. */
import { maxFieldBytes } from '@menagerie/zookeeper-protocol';
import { stat } from 'node:fs/promises';
import { counterOf, type Proposal } from '../../core/contract/index.js';
import type { StorageConfig } from '../config/index.js';
import { systemErrorCode } from '../errors.js';
import type { DataDirectories } from './directories.js';
import { listLogs, listSnapshots } from './file-names.js';
import { filesFrom, follows, toProposal } from './log-replay.js';
import { scanLog } from './log-scan.js';

/** However small the snapshot: reading this much is cheaper than thinking about it. */
const MIN_LIMIT_BYTES = 1024 * 1024;
/** However large the snapshot: the records are held in memory. */
const MAX_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * @returns the transactions in (fromZxid, toZxid]; `null` if the log does not hold `fromZxid` and all of them, or if
 *   they are more than `snapshotSizeFactor` of the newest snapshot
 * @throws DamagedDataError
 */
export async function readLogRange(
  directories: DataDirectories,
  config: StorageConfig,
  fromZxid: bigint,
  toZxid: bigint,
): Promise<Proposal[] | null> {
  if (config.snapshotSizeFactor <= 0) return null;
  const limitBytes = await sizeLimit(directories, config);
  const files = filesFrom(await listLogs(directories.logs), fromZxid);
  // (epoch, 0) belongs to no transaction: a log that begins with the epoch's first reaches back to it.
  let hasStart = counterOf(fromZxid) === 0;
  if (files.length === 0 || files[0]!.zxid > (hasStart ? fromZxid + 1n : fromZxid)) return null;
  const fieldBytes = maxFieldBytes(config.maxBufferBytes);
  const proposals: Proposal[] = [];
  let last = fromZxid;
  let bytes = 0;
  let refused = false;
  for (const [index, file] of files.entries()) {
    if (refused || last >= toZxid || file.zxid > toZxid) break;
    try {
      await scanLog(
        file,
        (records) => {
          for (const record of records) {
            if (record.zxid === fromZxid) hasStart = true;
            if (record.zxid <= fromZxid) continue;
            if (record.zxid > toZxid) return false;
            bytes += record.bytes.length;
            refused = !hasStart || !follows(last, record.zxid) || bytes > limitBytes;
            if (refused) return false;
            last = record.zxid;
            proposals.push(toProposal(record, fieldBytes));
          }
          return last < toZxid;
        },
        { isLast: index === files.length - 1 },
      );
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return null;
      throw error;
    }
  }
  return refused || last !== toZxid ? null : proposals;
}

async function sizeLimit(directories: DataDirectories, config: StorageConfig): Promise<number> {
  const newest = (await listSnapshots(directories.snapshots))[0];
  const snapshotBytes = newest === undefined ? 0 : (await stat(newest.path)).size;
  return Math.min(Math.max(snapshotBytes * config.snapshotSizeFactor, MIN_LIMIT_BYTES), MAX_LIMIT_BYTES);
}
