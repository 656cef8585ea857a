/** Files that are there after a power cut once a promise has resolved. */
import { open, readdir, rename } from 'node:fs/promises';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
export const isNoEntry = (error: unknown): boolean => codeOf(error) === 'ENOENT';
export const isExists = (error: unknown): boolean => codeOf(error) === 'EEXIST';

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a file in place as a whole: a reader finds the old one or this one. */
export async function writeWhole(folder: string, name: string, bytes: string | Buffer): Promise<void> {
  const aside = `${folder}/${name}.${process.pid}.tmp`;
  const handle = await open(aside, 'w', 0o640);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(aside, `${folder}/${name}`);
  await syncFolder(folder);
}

/** Names in a folder, sorted; none when there is no folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isNoEntry(error)) return [];
    throw error;
  }
}
