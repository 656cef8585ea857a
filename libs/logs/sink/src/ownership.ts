/** Who a source's folder belongs to, by its name, and how it changes hands. */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LogsError } from '@menagerie/logs-core';
import { entries, isExists, isNoEntry, syncFolder } from './disk.js';

export interface Owner {
  /** Of the list by which the source was given to it. */
  readonly gen: number;
  /** Counts who opened it by that generation: a collector that was started again, or another one of the same name. */
  readonly opening: number;
}

const OWNER = /^owner-(?<gen>\d{1,15})\.(?<opening>\d{1,15})$/;
const NOBODY: Owner = { gen: 0, opening: 0 };
/** Somebody renames the folder while we look for it: look again, but not for ever. */
const MAX_FENCE_TRIES = 10;

export const ownerFolder = (folder: string, { gen, opening }: Owner): string => join(folder, `owner-${gen}.${opening}`);

const isLater = (a: Owner, b: Owner): boolean => a.gen > b.gen || (a.gen === b.gen && a.opening > b.opening);

/** @returns null when nobody has had the source */
export async function currentOwner(folder: string): Promise<Owner | null> {
  let latest: Owner | null = null;
  for (const { name } of await entries(folder)) {
    const parts = OWNER.exec(name)?.groups;
    if (parts === undefined) continue;
    const owner = { gen: Number(parts['gen']), opening: Number(parts['opening']) };
    if (latest === null || isLater(owner, latest)) latest = owner;
  }
  return latest;
}

/**
 * The first of all founds the source's folder with an owner in it, in one step: a second one finds it founded. From then
 * on owners change by rename alone, so there is never more than one.
 */
export async function foundFolder(root: string, source: string): Promise<void> {
  const folder = join(root, source);
  if ((await currentOwner(folder)) !== null) return;
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(join(root, `.found-${source}-`));
  try {
    await mkdir(ownerFolder(draft, NOBODY));
    await rename(draft, folder);
    await syncFolder(root);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!isExists(error)) throw error;
  }
}

/**
 * Everybody who had the source before cannot write it any more, by whichever generation.
 * @throws LogsError `LOGS_STALE_GENERATION` when somebody has a later one, `LOGS_SINK_UNAVAILABLE`
 */
export async function takeOver(folder: string, gen: number): Promise<Owner> {
  for (let attempt = 0; attempt < MAX_FENCE_TRIES; attempt++) {
    const before = await currentOwner(folder);
    // Between two looks it has another name for a moment.
    if (before === null) continue;
    if (before.gen > gen) {
      const expected = `expected a generation of at least ${before.gen}`;
      throw new LogsError('LOGS_STALE_GENERATION', `${folder}: ${expected}, got ${gen}`, false);
    }
    const owner: Owner = { gen, opening: before.gen === gen ? before.opening + 1 : 1 };
    try {
      await rename(ownerFolder(folder, before), ownerFolder(folder, owner));
      await syncFolder(folder);
      return owner;
    } catch (error) {
      // Somebody else was faster: look again. The name may be taken already: by another one of our generation.
      if (!isNoEntry(error) && !isExists(error)) throw error;
    }
  }
  throw new LogsError('LOGS_SINK_UNAVAILABLE', `${folder}: its owner changes all the time`, true);
}
