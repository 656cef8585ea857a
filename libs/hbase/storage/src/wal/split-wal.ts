/**
 * What is done with a dead server's log: fenced, sealed, and sorted into one file of edits for each region.
 *
 * Every step may be done twice, or by two workers at once, with the same result: the rename succeeds once, the length that
 * counts is written down by whoever is first (what HDFS lease recovery does), and edits are put in place as whole files
 * with the log's name.
 */
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isExists, isNoEntry, namesIn, syncFolder, writeWhole } from '../disk.js';
import { CorruptFileError } from '../errors.js';
import { decodeLog, encodeEntry, type WalDamage, type WalEntry } from './entry.js';

const SPLITTING = '-splitting';
const SEAL = '.length';

/**
 * The first fence: from here on the server can acknowledge nothing.
 * @returns the logs to split, paths, the oldest first; none when the server had no log
 */
export async function fenceWalFolder(folder: string): Promise<readonly string[]> {
  const fenced = `${folder}${SPLITTING}`;
  try {
    await rename(folder, fenced);
    await syncFolder(dirname(folder));
  } catch (error) {
    if (!isNoEntry(error)) throw error;
  }
  return (await namesIn(fenced)).filter((name) => /\.\d+$/.test(name)).map((name) => join(fenced, name));
}

/** When all its logs are split: nothing of it is needed any more. */
export async function removeWalFolder(folder: string): Promise<void> {
  await rm(`${folder}${SPLITTING}`, { recursive: true, force: true });
}

/**
 * The second fence: how much of the log counts. A stray write of its late owner lies behind.
 * @returns bytes
 */
export async function sealWal(path: string): Promise<number> {
  const seal = path + SEAL;
  const aside = `${seal}.${process.pid}.${Math.trunc(performance.now() * 1000)}.tmp`;
  await writeFile(aside, String((await stat(path)).size), { flush: true });
  try {
    await link(aside, seal);
    await syncFolder(dirname(path));
  } catch (error) {
    if (!isExists(error)) throw error;
  } finally {
    await rm(aside, { force: true });
  }
  const bytes = Number(await readFile(seal, 'utf8'));
  if (!Number.isSafeInteger(bytes)) throw new CorruptFileError(seal, 0, 'expected a length in bytes');
  return bytes;
}

export interface SplitResult {
  readonly regions: number;
  readonly entries: number;
  readonly damage: readonly WalDamage[];
}

/**
 * Sorts one log into edits by region.
 * @param recoveredFolder where a region's recovered edits belong, or null for a region that is no more
 */
export async function splitWal(path: string, recoveredFolder: (region: string) => string | null): Promise<SplitResult> {
  const bytes = await sealWal(path);
  const { entries, damage } = decodeLog((await readFile(path)).subarray(0, bytes));
  const byRegion = new Map<string, WalEntry[]>();
  for (const entry of entries) {
    const list = byRegion.get(entry.region);
    if (list === undefined) byRegion.set(entry.region, [entry]);
    else list.push(entry);
  }
  for (const [region, list] of byRegion) {
    const folder = recoveredFolder(region);
    if (folder === null) continue;
    await mkdir(folder, { recursive: true });
    await writeWhole(folder, basename(path), Buffer.concat(list.map(encodeEntry)));
    await syncFolder(dirname(folder));
  }
  return { regions: byRegion.size, entries: entries.length, damage };
}

/** What splitting has left for a region. @throws CorruptFileError naming the checksum: these files are never torn */
export async function readRecovered(folder: string): Promise<readonly WalEntry[]> {
  const all: WalEntry[] = [];
  for (const name of await namesIn(folder)) {
    if (name.endsWith('.tmp')) continue;
    const path = join(folder, name);
    const { entries, damage } = decodeLog(await readFile(path));
    if (damage[0] !== undefined) throw new CorruptFileError(path, damage[0].offset, damage[0].problem);
    for (const entry of entries) all.push(entry);
  }
  return all;
}
