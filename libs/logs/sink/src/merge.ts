/** Puts small files of the sink together: the same bytes in fewer files, at no moment fewer bytes. */
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BatchFile, formatBatchName, inOrder, parseBatchName } from './batch-name.js';
import { syncFolder, writeDurably } from './disk.js';

/** A file of the sink does not grow beyond this by merging (compressed). */
const MERGED_BYTES = 16 * 1024 * 1024;
const MIN_PARTS = 8;

/**
 * Merges runs of neighbours of one day. A reader that finds a merged file beside its parts takes the merged one.
 * @param own the owner's folder; if it has been renamed meanwhile, the merge fails and changes nothing
 * @param drafts where files are written before they get their name
 */
export async function mergeSmall(own: string, drafts: string, prefix: string): Promise<void> {
  const files = inOrder((await readdir(own)).flatMap((name) => parseBatchName(name) ?? []));
  for (const run of runsOf(files)) {
    let size = 0;
    const parts: BatchFile[] = [];
    const bytes: Buffer[] = [];
    for (const file of run) {
      const part = await readFile(join(own, formatBatchName(file)));
      if (size + part.length > MERGED_BYTES) break;
      size += part.length;
      parts.push(file);
      bytes.push(part);
    }
    const [first, last] = [parts[0], parts.at(-1)];
    if (parts.length < MIN_PARTS || first === undefined || last === undefined) continue;
    const lines = parts.reduce((sum, part) => sum + part.lines, 0);
    const name = formatBatchName({ day: first.day, from: first.from, to: last.to, lines });
    const draft = join(drafts, `.draft-${prefix}merged-${name}`);
    await writeDurably(draft, Buffer.concat(bytes));
    await rename(draft, join(own, name));
    await syncFolder(own);
    for (const part of parts) await rm(join(own, formatBatchName(part)), { force: true });
  }
}

/** Neighbours without a hole and of one day. */
function runsOf(files: readonly BatchFile[]): readonly (readonly BatchFile[])[] {
  const runs: BatchFile[][] = [];
  for (const file of files) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last?.to === file.from && last.day === file.day) run.push(file);
    else runs.push([file]);
  }
  return runs;
}
