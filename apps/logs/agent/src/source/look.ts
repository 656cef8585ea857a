/** What a folder shows of one log: the file that is written to, and its rotated brothers. */
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { SeenFile } from '@menagerie/logs-core';

/** Rotated files that are packed hold what was collected before, in another form. */
const PACKED = /\.(gz|bz2|xz|zst|zip)$/;
/** More brothers than this are not looked at. */
const MAX_BROTHERS = 1_000;

export const fileId = ({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): string => `${dev}:${ino}`;

export const seenFile = (name: string, stats: Stats): SeenFile => ({
  name,
  id: fileId(stats),
  size: stats.size,
  mtimeMs: stats.mtimeMs,
});

/** @returns null when there is no such file at the moment. @throws when the file system says anything else */
export async function lookAt(path: string): Promise<SeenFile | null> {
  const stats = await statOrNull(path);
  return stats === null || !stats.isFile() ? null : seenFile(basename(path), stats);
}

/** `app.log.1`, `app.log-20261128` beside `app.log`. */
export async function lookAtBrothers(path: string): Promise<readonly SeenFile[]> {
  const [folder, name] = [dirname(path), basename(path)];
  const names = await readdir(folder).catch(() => [] as string[]);
  const brothers = names.filter((one) => one.length > name.length && one.startsWith(name) && !PACKED.test(one));
  const seen = await Promise.all(brothers.slice(0, MAX_BROTHERS).map((one) => lookAt(join(folder, one))));
  return seen.filter((one) => one !== null);
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
