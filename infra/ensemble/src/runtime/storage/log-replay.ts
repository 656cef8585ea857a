/** Transactions back out of the log files, in order and without a gap. */
import { decodeTxnRecord, type LogRecord } from '@menagerie/zookeeper-protocol';
import { counterOf, epochOf, type Proposal } from '../../core/contract/index.js';
import { DamagedDataError } from '../errors.js';
import { hex, listLogs, type DataFile } from './file-names.js';
import { scanLog, type LogScanEnd } from './log-scan.js';
import { RecentChecksums } from './recent-checksums.js';

export interface LogEnd {
  /** Of the newest file; null if there are no files. */
  readonly newest: { readonly file: DataFile; readonly end: LogScanEnd } | null;
  readonly lastZxid: bigint | null;
  /** The very transaction that the replay begins after is in the log, so nothing is missing between the two. */
  readonly holdsStart: boolean;
}

/** The files which may hold transactions after `zxid`: the one that begins at or before it, and all later ones. */
export function filesFrom(files: readonly DataFile[], zxid: bigint): DataFile[] {
  let first = 0;
  for (let i = 0; i < files.length; i++) if (files[i]!.zxid <= zxid) first = i;
  return files.slice(first);
}

/**
 * Visits every transaction after `afterZxid`, each once.
 *
 * Invariant: inside an epoch each zxid is one above the last, and a new epoch begins with its first (ZOOKEEPER-2418,
 * 4925): anything else means that acknowledged transactions are missing.
 *
 * A follower of Apache whose synchronization failed half-way logs the same transactions again (ZOOKEEPER-4712). Such a
 * repetition is passed over if it is the same to the byte, as far as its checksum tells.
 *
 * @throws DamagedDataError
 */
export async function replayLog(
  directory: string,
  afterZxid: bigint,
  maxFieldBytes: number,
  visit: (proposal: Proposal) => void,
): Promise<LogEnd> {
  const files = filesFrom(await listLogs(directory), afterZxid);
  let last = afterZxid;
  let lastSeen: bigint | null = null;
  let holdsStart = false;
  let newest: LogEnd['newest'] = null;
  const recent = new RecentChecksums();
  for (const [index, file] of files.entries()) {
    const isLast = index === files.length - 1;
    const end = await scanLog(
      file,
      (records) => {
        for (const record of records) {
          if (lastSeen !== null && record.zxid <= lastSeen) {
            if (recent.has(record.zxid, record.checksum)) continue;
            throw outOfOrder(file, record, lastSeen);
          }
          lastSeen = record.zxid;
          recent.add(record.zxid, record.checksum);
          if (record.zxid === afterZxid) holdsStart = true;
          if (record.zxid <= afterZxid) continue;
          if (!follows(last, record.zxid)) throw gap(file, record, last);
          last = record.zxid;
          visit(toProposal(record, maxFieldBytes));
        }
      },
      { isLast },
    );
    newest = { file, end: end! };
  }
  return { newest, lastZxid: lastSeen, holdsStart };
}

/**
 * The first transaction after `zxid`, null if the logs end there.
 * @throws DamagedDataError
 */
export async function firstAfter(directory: string, zxid: bigint, maxFieldBytes: number): Promise<Proposal | null> {
  const files = filesFrom(await listLogs(directory), zxid);
  for (const [index, file] of files.entries()) {
    const found: LogRecord[] = [];
    const isLast = index === files.length - 1;
    await scanLog(
      file,
      (records) => {
        found.push(...records.filter((record) => record.zxid > zxid).slice(0, 1));
        return found.length === 0;
      },
      { isLast },
    );
    if (found.length > 0) return toProposal(found[0]!, maxFieldBytes);
  }
  return null;
}

export function follows(last: bigint, next: bigint): boolean {
  return next === last + 1n || (epochOf(next) > epochOf(last) && counterOf(next) === 1);
}

/** @throws DamagedDataError never; TxnTypeError or JuteError for a record that has the right checksum and no sense */
export function toProposal(record: LogRecord, maxFieldBytes: number): Proposal {
  const { header, txn, digest } = decodeTxnRecord(record.bytes, maxFieldBytes);
  return { zxid: record.zxid, header, txn, digest, bytes: record.bytes };
}

function gap(file: DataFile, record: LogRecord, last: bigint): DamagedDataError {
  return new DamagedDataError(
    file.path,
    `expected zxid 0x${hex(last + 1n)} or the first of a new epoch at byte ${record.offset}, found 0x${hex(record.zxid)}: transactions are missing`,
  );
}

function outOfOrder(file: DataFile, record: LogRecord, last: bigint): DamagedDataError {
  return new DamagedDataError(
    file.path,
    `expected a zxid above 0x${hex(last)} at byte ${record.offset}, found 0x${hex(record.zxid)}`,
  );
}
