/**
 * A sink of files, fenced and exact.
 *
 *   <root>/<source>/owner-<gen>/2026-11-28.<from>-<to>.<lines>.log.gz
 *
 * - **Fence.** A source's folder is named after the generation of its owner. Whoever takes over renames it. A batch gets in
 *   by one `rename` into that folder, by name: the old owner's rename then fails, however long it had slept before it.
 *   HBase fences a dead server's write-ahead log in the same way.
 * - **Exactly once.** The batch and the fact that it was collected are the same rename. A new owner finds the position in
 *   the names of the files and goes on there; no other record of it can disagree.
 * - **Days.** A file's day is the one on which it was collected, UTC.
 *
 * Small files are merged behind the writer (gzip files may be put one behind the other).
 */
import { constants, type Dirent } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { checkName, LogsError } from '@menagerie/logs-core';
import { type BatchFile, formatBatchName, inOrder, parseBatchName } from './batch-name.js';
import { mergeSmall } from './merge.js';
import type { Batch, Sink, SourceSink } from './sink.js';

const compress = promisify(gzip);
const OWNER = /^owner-(?<gen>\d{1,15})$/;
/** Logs compress well at any level; the fastest costs a third of the default's time. */
const GZIP_LEVEL = 1;
/** Somebody renames the folder while we look for it: look again, but not for ever. */
const MAX_FENCE_TRIES = 10;
/** So many files behind the writer are put together. */
const MERGE_AFTER = 64;

export class FileSink implements Sink {
  constructor(
    readonly root: string,
    private readonly today: () => string = () => new Date().toISOString().slice(0, 10),
  ) {}

  /** Nothing is kept open between two batches. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  async open(source: string, gen: number): Promise<SourceSink> {
    const folder = join(this.root, checkName(source, 'a source'));
    return await unavailable(folder, async () => {
      await foundFolder(this.root, source);
      const own = await takeOver(folder, gen);
      await removeHalfWritten(own);
      const files = inOrder(await batchFiles(own));
      return new OwnedSource(folder, own, gen, files, this.today);
    });
  }
}

class OwnedSource implements SourceSink {
  /** Invariant: every byte before it is in a file of this folder, or in a recorded gap. */
  position: number;
  private merging: Promise<void> = Promise.resolve();
  private sinceMerge = 0;
  private readonly temporary: string;

  constructor(
    private readonly folder: string,
    private readonly own: string,
    private readonly gen: number,
    files: readonly BatchFile[],
    private readonly today: () => string,
  ) {
    this.position = files.at(-1)?.to ?? 0;
    this.sinceMerge = files.length;
    this.temporary = `${gen}-${process.pid}-`;
  }

  async append({ from, to, lines, bytes }: Batch): Promise<void> {
    if (from !== this.position || to <= from) {
      const expected = `expected a batch from ${this.position}`;
      throw new LogsError('LOGS_OUT_OF_ORDER', `${this.own}: ${expected}, got one from ${from} to ${to}`, false);
    }
    const name = formatBatchName({ day: this.today(), from, to, lines });
    await unavailable(this.own, async () => {
      // Beside the folder, not in it: under a name that only this process uses.
      const draft = join(this.folder, `.draft-${this.temporary}${name}`);
      await writeDurably(draft, bytes.length === 0 ? bytes : await compress(bytes, { level: GZIP_LEVEL }));
      try {
        await rename(draft, join(this.own, name));
      } catch (error) {
        await rm(draft, { force: true });
        throw isNoEntry(error) ? await this.fenced() : error;
      }
      await syncFolder(this.own);
    });
    this.position = to;
    if (++this.sinceMerge >= MERGE_AFTER) this.merge();
  }

  async close(): Promise<void> {
    await this.merging;
  }

  /** One at a time, and its failure is not the writer's: the small files are as good. */
  private merge(): void {
    this.sinceMerge = 0;
    this.merging = this.merging.then(() => mergeSmall(this.own, this.folder, this.temporary)).catch(() => undefined);
  }

  private async fenced(): Promise<LogsError> {
    const owner = await currentOwner(this.folder);
    if (owner === this.gen) return new LogsError('LOGS_SINK_UNAVAILABLE', `${this.own}: a draft was lost`, true);
    const who = owner === null ? 'nobody' : `generation ${owner}`;
    return new LogsError(
      'LOGS_STALE_GENERATION',
      `${this.folder}: expected to own it by generation ${this.gen}, but ${who} does`,
      false,
    );
  }
}

/**
 * The first of all founds the source's folder with an owner in it, in one step: a second one finds it founded. From then
 * on owners change by rename alone, so there is never more than one.
 */
async function foundFolder(root: string, source: string): Promise<void> {
  const folder = join(root, source);
  if ((await currentOwner(folder)) !== null) return;
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(join(root, `.found-${source}-`));
  try {
    await mkdir(join(draft, 'owner-0'));
    await rename(draft, folder);
    await syncFolder(root);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!isExists(error)) throw error;
  }
}

/** @returns the folder that is ours now */
async function takeOver(folder: string, gen: number): Promise<string> {
  const own = join(folder, `owner-${gen}`);
  for (let attempt = 0; attempt < MAX_FENCE_TRIES; attempt++) {
    const owner = await currentOwner(folder);
    if (owner === gen) return own;
    // Between two looks it has another name for a moment.
    if (owner === null) continue;
    if (owner > gen) {
      const expected = `expected a generation of at least ${owner}`;
      throw new LogsError('LOGS_STALE_GENERATION', `${folder}: ${expected}, got ${gen}`, false);
    }
    try {
      await rename(join(folder, `owner-${owner}`), own);
      await syncFolder(folder);
      return own;
    } catch (error) {
      // Somebody else was faster: look again.
      if (!isNoEntry(error)) throw error;
    }
  }
  throw new LogsError('LOGS_SINK_UNAVAILABLE', `${folder}: its owner changes all the time`, true);
}

/** @returns the generation by which a source is owned, null when nobody has had it */
export async function currentOwner(folder: string): Promise<number | null> {
  let owner: number | null = null;
  for (const { name } of await entries(folder)) {
    const gen = Number(OWNER.exec(name)?.groups?.['gen'] ?? Number.NaN);
    if (!Number.isNaN(gen) && (owner === null || gen > owner)) owner = gen;
  }
  return owner;
}

async function entries(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isNoEntry(error)) return [];
    throw error;
  }
}

export async function batchFiles(own: string): Promise<readonly BatchFile[]> {
  return (await entries(own)).flatMap(({ name }) => parseBatchName(name) ?? []);
}

/** Drafts of owners before us; one of a zombie that still writes will not get in any more. */
async function removeHalfWritten(own: string): Promise<void> {
  const folder = join(own, '..');
  for (const { name } of await entries(folder)) {
    if (name.startsWith('.draft-')) await rm(join(folder, name), { force: true });
  }
}

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

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const isNoEntry = (error: unknown): boolean => codeOf(error) === 'ENOENT';
const isExists = (error: unknown): boolean => codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTEMPTY';

/** What a file system says becomes one error that says where and that it may pass. */
async function unavailable<T>(where: string, what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (error) {
    if (error instanceof LogsError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new LogsError('LOGS_SINK_UNAVAILABLE', `${where}: ${why}`, true, { cause: error });
  }
}
