/** Files that are there whole or not at all, whatever happens to the writer. */
import { link, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** As `writeWhole`, but the first writer wins. @returns whether that was this one */
export async function writeOnce(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeWhole(temporary, content);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}

/** Written beside, synced, renamed; then the directory is synced. Two writers of one file leave one of the two contents. */
export async function writeWhole(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
