/**
 * A sink of files, fenced and exact.
 *
 *   <root>/<source>/owner-<gen>.<opening>/2026-11-28.<from>-<to>.<lines>.log.gz
 *
 * - **Fence.** A source's folder is named after its owner: the generation, and how often it was opened by that. Whoever
 *   opens it renames it. A batch gets in by one `rename` into that folder, by name: the old owner's rename then fails,
 *   however long it had slept before it, and even if it goes by the same generation (two machines of one name). HBase
 *   fences a dead server's write-ahead log in the same way.
 * - **Exactly once.** The batch and the fact that it was collected are the same rename. A new owner finds the position in
 *   the names of the files and goes on there; no other record of it can disagree.
 * - **Days.** A file's day is the one on which it was collected, UTC.
 *
 * Small files are merged behind the writer (gzip files may be put one behind the other).
 */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { checkName, LogsError } from '@menagerie/logs-core';
import { type BatchFile, formatBatchName, inOrder, parseBatchName } from './batch-name.js';
import { entries, isNoEntry, syncFolder, writeDurably } from './disk.js';
import { mergeSmall } from './merge.js';
import { currentOwner, foundFolder, type Owner, ownerFolder, takeOver } from './ownership.js';
import type { Batch, Sink, SourceSink } from './sink.js';

const compress = promisify(gzip);
/** Logs compress well at any level; the fastest costs a third of the default's time. */
const GZIP_LEVEL = 1;
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
      const owner = await takeOver(folder, gen);
      await removeHalfWritten(folder);
      const files = inOrder(await batchFiles(ownerFolder(folder, owner)));
      return new OwnedSource(folder, owner, files, this.today);
    });
  }
}

class OwnedSource implements SourceSink {
  /** Invariant: every byte before it is in a file of this folder, or in a recorded gap. */
  position: number;
  private merging: Promise<void> = Promise.resolve();
  private sinceMerge = 0;
  private readonly temporary: string;
  private readonly own: string;

  constructor(
    private readonly folder: string,
    private readonly owner: Owner,
    files: readonly BatchFile[],
    private readonly today: () => string,
  ) {
    this.position = files.at(-1)?.to ?? 0;
    this.sinceMerge = files.length;
    this.own = ownerFolder(folder, owner);
    this.temporary = `${owner.gen}.${owner.opening}-${process.pid}-`;
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
    const now = await currentOwner(this.folder);
    const { gen, opening } = this.owner;
    if (now?.gen === gen && now.opening === opening) {
      return new LogsError('LOGS_SINK_UNAVAILABLE', `${this.own}: a draft was lost`, true);
    }
    const who = now === null ? 'nobody does' : now.gen === gen ? 'it was opened again' : `generation ${now.gen} does`;
    const expected = `expected to own it by generation ${gen}`;
    return new LogsError('LOGS_STALE_GENERATION', `${this.folder}: ${expected}, but ${who}`, false);
  }
}

export async function batchFiles(own: string): Promise<readonly BatchFile[]> {
  return (await entries(own)).flatMap(({ name }) => parseBatchName(name) ?? []);
}

/** Drafts of owners before us; one of a zombie that still writes will not get in any more. */
async function removeHalfWritten(folder: string): Promise<void> {
  for (const { name } of await entries(folder)) {
    if (name.startsWith('.draft-')) await rm(join(folder, name), { force: true });
  }
}

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
