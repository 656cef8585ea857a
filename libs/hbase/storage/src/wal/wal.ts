/**
 * A region server's write-ahead log: a folder of its own below `WALs/`, named after the server's start, with numbered files.
 *
 * An append resolves when it is on disk *and* the folder still has our name. Whoever declares us dead renames the folder
 * first and reads it afterwards; so what we acknowledge was written before the rename and is read by them, and what we write
 * after it is never acknowledged (decision 115; HBase: the rename to `-splitting`, then HDFS lease recovery).
 */
import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { syncFolder } from '../disk.js';
import { CellError, HBaseStorageError, WalBrokenError, WalFencedError } from '../errors.js';
import { encodeEntry, MAX_ENTRY_BYTES, type WalEntry } from './entry.js';

export interface WalOptions {
  /** Made here, and must not exist: a server's start has one log. */
  readonly folder: string;
  /** Where files go whose every edit is in a region's files. */
  readonly archive: string;
  /** A file larger than this is followed by another. Default 32 MiB. */
  readonly rollBytes?: number;
  /** Called before the first byte of a new file: replication queues it first. */
  readonly onNewFile?: (name: string) => Promise<void>;
  /** Called once, when nothing can be acknowledged any more: the server aborts. */
  readonly onLost?: (error: HBaseStorageError) => void;
}

interface WalFile {
  readonly name: string;
  readonly handle: FileHandle;
  readonly inode: number;
  bytes: number;
  /** Region to the last sequence id in this file. */
  readonly last: Map<string, number>;
}

interface Pending {
  readonly bytes: Buffer;
  readonly region: string;
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const DEFAULT_ROLL_BYTES = 32 * 1_048_576;
/** Appends that wait for the sync under way; beyond it a caller waits with its own requests or gives up. */
export const MAX_PENDING_APPENDS = 100_000;
/** Of one write, so that one sync is not held up by a burst. */
const MAX_BATCH_BYTES = 8 * 1_048_576;

export class Wal {
  /** Invariant: in the order of append, which is the order of the file and of resolution. */
  private pending: Pending[] = [];
  private readonly closedFiles: WalFile[] = [];
  private running: Promise<void> | null = null;
  private lost: HBaseStorageError | null = null;
  private number = 1;
  private archiving: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: WalOptions,
    private current: WalFile,
  ) {}

  static async create(options: WalOptions): Promise<Wal> {
    await mkdir(join(options.folder, '..'), { recursive: true });
    await mkdir(options.archive, { recursive: true });
    await mkdir(options.folder);
    await syncFolder(join(options.folder, '..'));
    return new Wal(options, await Wal.newFile(options, 1));
  }

  get file(): string {
    return join(this.options.folder, this.current.name);
  }

  /** Names of the files that are not archived yet, the oldest first. */
  get files(): readonly string[] {
    return [...this.closedFiles.map(({ name }) => name), this.current.name];
  }

  /**
   * Resolves when the entry is durable and ours to acknowledge. Entries resolve in the order of their appends.
   * @throws WalFencedError, WalBrokenError: not acknowledged, the log is over
   * @throws CellError the entry is larger than {@link MAX_ENTRY_BYTES}
   */
  append(entry: WalEntry): Promise<void> {
    if (this.lost !== null) return Promise.reject(this.lost);
    const bytes = encodeEntry(entry);
    if (bytes.length > MAX_ENTRY_BYTES) {
      return Promise.reject(new CellError(`mutation: expected at most ${MAX_ENTRY_BYTES} bytes, got ${bytes.length}`));
    }
    if (this.pending.length >= MAX_PENDING_APPENDS) {
      const message = `${this.file}: expected fewer than ${MAX_PENDING_APPENDS} waiting appends`;
      return Promise.reject(new HBaseStorageError('HBASE_REGION_BUSY', message, true));
    }
    return new Promise((resolve, reject) => {
      this.pending.push({ bytes, region: entry.region, seq: entry.cells[0]?.seq ?? 0, resolve, reject });
      this.running ??= this.drain();
    });
  }

  /** A region's edits up to `seq` are in its files: log files that hold nothing newer of anybody go to the archive. */
  flushed(region: string, seq: number): Promise<void> {
    for (const file of [...this.closedFiles, this.current]) {
      if ((file.last.get(region) ?? Infinity) <= seq) file.last.delete(region);
    }
    const archived = this.archiving.then(() => this.archive());
    this.archiving = archived.catch(() => undefined);
    return archived;
  }

  private async archive(): Promise<void> {
    // From the oldest on, so that the archive never has a gap.
    while (this.closedFiles[0]?.last.size === 0) {
      const { name } = this.closedFiles[0];
      await rename(join(this.options.folder, name), join(this.options.archive, name));
      this.closedFiles.shift();
    }
  }

  /** Waits for what is under way. The folder stays: whoever splits it finds what regions have not flushed. */
  async close(): Promise<void> {
    await this.running;
    await this.archiving;
    this.lost ??= new WalBrokenError(this.file, new Error('closed'));
    await this.current.handle.close();
  }

  private async drain(): Promise<void> {
    while (this.pending.length > 0) {
      let [count, bytes] = [0, 0];
      while (count < this.pending.length && bytes < MAX_BATCH_BYTES) bytes += this.pending[count++]!.bytes.length;
      const batch = this.pending.splice(0, count);
      try {
        await this.write(batch, bytes);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.lose(error instanceof HBaseStorageError ? error : new WalBrokenError(this.file, error), batch);
      }
    }
    // In the same turn as the look above: whoever appends next finds either a drain that will see it, or none.
    this.running = null;
  }

  private async write(batch: readonly Pending[], bytes: number): Promise<void> {
    if (this.current.bytes >= (this.options.rollBytes ?? DEFAULT_ROLL_BYTES)) await this.roll();
    const file = this.current;
    const joined = batch.length === 1 ? batch[0]!.bytes : Buffer.concat(batch.map((one) => one.bytes));
    for (let done = 0; done < joined.length;) {
      done += (await file.handle.write(joined, done, joined.length - done, file.bytes + done)).bytesWritten;
    }
    await file.handle.datasync();
    await this.assertOwned(file);
    file.bytes += bytes;
    for (const { region, seq } of batch) file.last.set(region, seq);
  }

  /** The fence: asked after the sync and before any acknowledgement. */
  private async assertOwned(file: WalFile): Promise<void> {
    const path = join(this.options.folder, file.name);
    const found = await stat(path).catch(() => null);
    if (found?.ino !== file.inode) throw new WalFencedError(path);
  }

  private async roll(): Promise<void> {
    const next = await Wal.newFile(this.options, this.number + 1);
    this.number += 1;
    await this.current.handle.close();
    this.closedFiles.push(this.current);
    this.current = next;
  }

  private static async newFile(options: WalOptions, number: number): Promise<WalFile> {
    const name = `${basename(options.folder)}.${String(number).padStart(10, '0')}`;
    await options.onNewFile?.(name);
    const path = join(options.folder, name);
    const handle = await open(path, 'wx', 0o640).catch((error: unknown) => {
      // The folder is not there under its name any more.
      throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? new WalFencedError(path) : error;
    });
    await syncFolder(options.folder).catch(async () => {
      await handle.close();
      throw new WalFencedError(path);
    });
    return { name, handle, inode: (await handle.stat()).ino, bytes: 0, last: new Map() };
  }

  private lose(error: HBaseStorageError, batch: readonly Pending[]): void {
    this.lost = error;
    const all = [...batch, ...this.pending];
    this.pending = [];
    for (const { reject } of all) reject(error);
    this.options.onLost?.(error);
  }
}
