/** Files that are there whole or not at all, whatever happens to the writer. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

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
