/**
 * `acceptedEpoch` and `currentEpoch`: the promises and the history a server votes with, each a decimal number in a file.
 * Source: QuorumPeer.loadDataBase, readLongFromFile, writeLongToFile.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { epochOf, type EpochKind } from '../../core/contract/index.js';
import { DamagedDataError, systemErrorCode } from '../errors.js';
import { writeFileDurably } from './durable.js';
import { hex } from './file-names.js';

export interface Epochs {
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
}

const FILE_NAMES: Readonly<Record<EpochKind, string>> = { accepted: 'acceptedEpoch', current: 'currentEpoch' };
const MAX_EPOCH = 0xffff_ffff;

export async function saveEpoch(directory: string, which: EpochKind, epoch: number): Promise<void> {
  const name = FILE_NAMES[which];
  await writeFileDurably(directory, name, `${name}.tmp`, async (handle) => {
    await handle.writeFile(String(epoch));
  });
}

/**
 * Reads both, and creates what is missing from the last zxid, as after an upgrade or a time as standalone server.
 *
 * Invariant: currentEpoch <= acceptedEpoch, and epoch of the last zxid <= acceptedEpoch. The last zxid may be ahead of
 * currentEpoch: the log is made durable first (ZOOKEEPER-4643), and a crash can come in between.
 *
 * @throws DamagedDataError
 */
export async function loadEpochs(directory: string, lastZxid: bigint): Promise<Epochs> {
  const epochOfLog = lastZxid < 0n ? 0 : epochOf(lastZxid);
  const currentEpoch = await loadCurrentEpoch(directory, epochOfLog);
  let acceptedEpoch = await readEpoch(directory, FILE_NAMES.accepted);
  if (acceptedEpoch === null) {
    acceptedEpoch = Math.max(epochOfLog, currentEpoch);
    await saveEpoch(directory, 'accepted', acceptedEpoch);
  }
  const [least, because] =
    currentEpoch > epochOfLog ? [currentEpoch, 'currentEpoch'] : [epochOfLog, `the last zxid 0x${hex(lastZxid)}`];
  if (acceptedEpoch >= least) return { acceptedEpoch, currentEpoch };
  throw new DamagedDataError(
    join(directory, FILE_NAMES.accepted),
    `expected an epoch of at least ${least} as in ${because}, found ${acceptedEpoch}`,
  );
}

/**
 * A server with no data that has followed a leader once has lost what it acknowledged then: with its vote a transaction
 * that a quorum has can be voted away. Apache starts all the same.
 *
 * @throws DamagedDataError
 */
export async function expectNeverServed(directory: string): Promise<void> {
  const epoch = (await readEpoch(directory, FILE_NAMES.current)) ?? 0;
  if (epoch === 0) return;
  throw new DamagedDataError(
    directory,
    `expected data up to epoch ${epoch} as in ${FILE_NAMES.current}, found neither snapshot nor log (remove the epoch files, or create a file initialize beside this directory, if this server is to start as a new one)`,
  );
}

/** A crash between writing currentEpoch.tmp and renaming it is made good (ZOOKEEPER-4269). */
async function loadCurrentEpoch(directory: string, epochOfLog: number): Promise<number> {
  const saved = await readEpoch(directory, FILE_NAMES.current);
  if (saved !== null && saved >= epochOfLog) return saved;
  const unfinished = saved === null ? null : await readUnfinished(directory);
  if (saved !== null && (unfinished === null || unfinished < epochOfLog)) return saved;
  const epoch = unfinished ?? epochOfLog;
  await saveEpoch(directory, 'current', epoch);
  return epoch;
}

/** It may have been cut short: then it says nothing. */
async function readUnfinished(directory: string): Promise<number | null> {
  try {
    return await readEpoch(directory, `${FILE_NAMES.current}.tmp`);
  } catch (error) {
    if (error instanceof DamagedDataError) return null;
    throw error;
  }
}

async function readEpoch(directory: string, name: string): Promise<number | null> {
  const file = join(directory, name);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
  const line = text.split('\n', 1)[0]!.trim();
  if (/^\d{1,10}$/.test(line) && Number(line) <= MAX_EPOCH) return Number(line);
  throw new DamagedDataError(file, `expected an epoch, found ${JSON.stringify(line)}`);
}
