/** `log.<hex zxid of its first transaction>` and `snapshot.<hex zxid it contains>[.gz]`. Source: Util.java. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The directory below dataDir and dataLogDir that everything but `myid` is in. */
export const VERSION_DIRECTORY = 'version-2';

export interface DataFile {
  readonly path: string;
  readonly name: string;
  readonly zxid: bigint;
}

export const logFileName = (zxid: bigint): string => `log.${hex(zxid)}`;
export const snapshotFileName = (zxid: bigint): string => `snapshot.${hex(zxid)}`;

/** Apache would take `snapshot.5.tmp` for a snapshot, so an unfinished one of ours begins with a dot. */
export const unfinishedSnapshotName = (zxid: bigint): string => `.snapshot.${hex(zxid)}.tmp`;
const UNFINISHED_SNAPSHOT = /^\.snapshot\.[0-9a-f]{1,16}\.tmp$/;

/** A log being rewritten; what a crash leaves of it is written over the next time. */
export const UNFINISHED_LOG = '.log.tmp';

const LOG = /^log\.([0-9a-fA-F]{1,16})$/;
const SNAPSHOT = /^snapshot\.([0-9a-fA-F]{1,16})(?:\.gz|\.snappy)?$/;

/** Oldest first. */
export async function listLogs(directory: string): Promise<DataFile[]> {
  return list(directory, LOG);
}

/** Newest first. */
export async function listSnapshots(directory: string): Promise<DataFile[]> {
  return (await list(directory, SNAPSHOT)).reverse();
}

export async function listUnfinishedSnapshots(directory: string): Promise<string[]> {
  return (await readdir(directory))
    .filter((name) => UNFINISHED_SNAPSHOT.test(name))
    .map((name) => join(directory, name));
}

async function list(directory: string, pattern: RegExp): Promise<DataFile[]> {
  const files: DataFile[] = [];
  for (const name of await readdir(directory)) {
    const match = pattern.exec(name);
    if (match !== null) files.push({ path: join(directory, name), name, zxid: BigInt(`0x${match[1]}`) });
  }
  return files.sort((one, other) => (one.zxid < other.zxid ? -1 : one.zxid > other.zxid ? 1 : 0));
}

/** A zxid as people and Apache write it, without `0x`. */
export function hex(zxid: bigint): string {
  return BigInt.asUintN(64, zxid).toString(16);
}
