/** Files and folders that are there after a power cut once a promise has resolved. */
import { constants, type Dirent } from 'node:fs';
import { open, readdir } from 'node:fs/promises';

export async function writeDurably(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY, 0o640);
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY).catch((error: unknown) => {
    // Renamed by the next owner a moment ago: what we have renamed into it went along.
    if (isNoEntry(error)) return null;
    throw error;
  });
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

/** @returns nothing for a folder that is not there */
export async function entries(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isNoEntry(error)) return [];
    throw error;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
export const isNoEntry = (error: unknown): boolean => codeOf(error) === 'ENOENT';
export const isExists = (error: unknown): boolean => codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTEMPTY';
