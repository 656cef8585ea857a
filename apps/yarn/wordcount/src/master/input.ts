/** The files of the input directory. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type InputFile, SKIPPED_DIRECTORIES, TEXT_FILE } from '@menagerie/yarn-wordcount';

/** More files than this are a mistake in the path. */
const MAX_FILES = 100_000;

/** @throws Error that names the directory when it is missing or holds no text */
export async function listInput(input: string): Promise<InputFile[]> {
  const files: InputFile[] = [];
  const visit = async (directory: string): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && !SKIPPED_DIRECTORIES.has(entry.name)) await visit(path);
      else if (entry.isFile() && TEXT_FILE.test(entry.name)) {
        files.push({ path: relative(input, path), bytes: (await stat(path)).size });
        if (files.length > MAX_FILES) throw new Error(`${input}: more than ${MAX_FILES} text files`);
      }
    }
  };
  await visit(input);
  if (files.every((file) => file.bytes === 0)) throw new Error(`${input}: no text files in it`);
  return files;
}
