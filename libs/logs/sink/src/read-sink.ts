/** Reads back what has been collected: the check of every demo and test, and `menagerie logs cat`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { isName } from '@menagerie/logs-core';
import { type BatchFile, formatBatchName, inOrder } from './batch-name.js';
import { batchFiles } from './file-sink.js';
import { currentOwner, type Owner, ownerFolder } from './ownership.js';

const decompress = promisify(gunzip);

export interface CollectedSource {
  readonly source: string;
  /** The generation of its owner. */
  readonly gen: number;
  readonly owner: Owner;
  readonly files: readonly BatchFile[];
  /** The end of the stream at the sink. */
  readonly position: number;
  readonly lines: number;
}

/** @returns every source that was ever collected, by name */
export async function collectedSources(root: string): Promise<readonly CollectedSource[]> {
  const names = await readdir(root).catch(() => [] as string[]);
  const found = await Promise.all(
    names
      .filter(isName)
      .sort()
      .map((source) => collectedSource(root, source)),
  );
  return found.filter((one) => one !== null);
}

export async function collectedSource(root: string, source: string): Promise<CollectedSource | null> {
  const folder = join(root, source);
  const owner = await currentOwner(folder);
  if (owner === null) return null;
  const files = inOrder(await batchFiles(ownerFolder(folder, owner)));
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  return { source, gen: owner.gen, owner, files, position: files.at(-1)?.to ?? 0, lines };
}

/** The bytes of a source in their order, file by file. A source that changes hands meanwhile is read from anew once. */
export async function* readSource(root: string, source: string, day?: string): AsyncGenerator<Buffer> {
  const collected = await collectedSource(root, source);
  if (collected === null) return;
  for (const file of collected.files) {
    if (day !== undefined && file.day !== day) continue;
    const bytes = await readBatch(root, collected, file);
    if (bytes.length > 0) yield await decompress(bytes);
  }
}

async function readBatch(root: string, { source, owner }: CollectedSource, file: BatchFile): Promise<Buffer> {
  const folder = join(root, source);
  const of = (whose: Owner): string => join(ownerFolder(folder, whose), formatBatchName(file));
  try {
    return await readFile(of(owner));
  } catch (error) {
    const now = await currentOwner(folder);
    if (now === null || ownerFolder(folder, now) === ownerFolder(folder, owner)) throw error;
    return await readFile(of(now));
  }
}
