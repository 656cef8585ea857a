/**
 * Changes of a directory that survive a power failure.
 *
 * A new or renamed file is only there after a crash if its directory was fsynced as well, which Apache does not do.
 */
import { open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

export async function fsyncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file as a whole: after a crash at any moment the old or the new content is there. */
export async function writeFileDurably(
  directory: string,
  name: string,
  temporaryName: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(join(directory, temporaryName), 'w');
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(join(directory, temporaryName), join(directory, name));
  await fsyncDirectory(directory);
}

/** Cuts a file, for good when this resolves. */
export async function truncateDurably(path: string, bytes: number): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.truncate(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
