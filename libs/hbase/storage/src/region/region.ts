/**
 * One region: rows from a start to an end key. A mutation is in the log before it is in memory, in memory before it is
 * acknowledged, in a file before the log forgets it.
 */
import assert from 'node:assert';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertCell, type Cell, CellKind, NOTHING } from '../cell/cell.js';
import { namesIn } from '../disk.js';
import { CellError, RegionBusyError, RegionClosedError } from '../errors.js';
import type { BlockCache } from '../file/block-cache.js';
import { StoreFile } from '../file/store-file.js';
import { writeStoreFile } from '../file/write-store-file.js';
import type { WalEntry } from '../wal/entry.js';
import { readRecovered } from '../wal/split-wal.js';
import { type Cursor, fileCursor, memstoreCursor, nextRow, rowCursor } from './cursor.js';
import { decodeCounter, encodeCounter } from './counter.js';
import { ManifestKeeper } from './manifest.js';
import { Memstore } from './memstore.js';
import { RowLocks } from './row-locks.js';
import { selectCompaction } from './select-compaction.js';
import { kept, visible } from './versions.js';

/** The part of the log that a region needs. */
export interface RegionLog {
  append(entry: WalEntry): Promise<void>;
  flushed(region: string, seq: number): Promise<void>;
}

export interface RegionOptions {
  /** Encoded name, unique over all tables. */
  readonly name: string;
  /** The region's own, made when it is not there. */
  readonly folder: string;
  readonly log: RegionLog;
  readonly cache: BlockCache;
  /** Memory that starts a flush. Default 16 MiB. */
  readonly flushBytes?: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told when a flush or compaction that nobody waits for failed: a full disk is tried again, a lost region is not. */
  readonly onProblem?: (error: unknown) => void;
}

/** What is done to one row, whole or not at all. */
export interface RowMutation {
  readonly row: Buffer;
  /** Happens first. */
  readonly deleteRow?: boolean;
  readonly deletes?: readonly Buffer[];
  readonly puts?: readonly { readonly column: Buffer; readonly value: Buffer }[];
}

export interface RowResult {
  readonly row: Buffer;
  /** Sorted by column; never empty. */
  readonly cells: readonly Cell[];
}

export interface ScanRange {
  /** Inclusive; default the first row. */
  readonly start?: Buffer;
  /** Exclusive; default no end. */
  readonly stop?: Buffer;
}

/** Rows in order; to be ended by its last row or by `return`, at which time the files it reads may go. */
export interface Scan extends AsyncIterableIterator<RowResult> {
  return(): Promise<IteratorResult<RowResult>>;
}

const DEFAULT_FLUSH_BYTES = 16 * 1_048_576;
/** hbase.hregion.memstore.block.multiplier */
const BLOCK_MULTIPLIER = 4;
/** Below the region's folder; where splitting a log leaves what is to be replayed. */
export const RECOVERED_FOLDER = 'recovered.edits';

/** Everything a read looks at, as of one moment. */
interface View {
  readonly memstores: readonly Memstore[];
  readonly files: readonly StoreFile[];
}

export class Region {
  private memstore = Memstore.empty();
  /** Being written to a file, or to be tried again after that failed; the oldest first. */
  private snapshots: readonly Memstore[] = [];
  private readonly locks = new RowLocks();
  /** Flushes and compactions, one after the other. */
  private work: Promise<unknown> = Promise.resolve();
  private flushQueued = false;
  private fileNumber = 0;
  /** Invariant: every applied mutation is at or below it; grows by one for each. */
  private lastSeq: number;
  /** Invariant: at most `lastSeq`, and mutations are applied in the order of their ids. */
  private appliedSeq: number;
  private closed = false;

  private constructor(
    private readonly options: RegionOptions,
    private readonly manifest: ManifestKeeper,
    /** The oldest first, as the manifest has them. */
    private files: readonly StoreFile[],
  ) {
    this.lastSeq = manifest.current.flushedSeq;
    this.appliedSeq = this.lastSeq;
  }

  /**
   * Opens it for this process; who had it open before can change nothing any more.
   * @throws CorruptFileError naming the file
   */
  static async open(options: RegionOptions): Promise<Region> {
    const { folder, cache } = options;
    await mkdir(folder, { recursive: true });
    const manifest = await ManifestKeeper.take(folder);
    const named = manifest.current.files;
    for (const name of await namesIn(folder)) {
      if (/\.store(\.tmp)?$/.test(name) && !named.includes(name)) await rm(join(folder, name), { force: true });
    }
    const files: StoreFile[] = [];
    try {
      for (const name of named) files.push(await StoreFile.open(folder, name, cache));
      const region = new Region(options, manifest, files);
      await region.recover();
      return region;
    } catch (error) {
      await Promise.all(files.map((file) => file.release()));
      throw error;
    }
  }

  get name(): string {
    return this.options.name;
  }

  /** Which opening of the region this is; grows each time. */
  get opening(): number {
    return this.manifest.opening;
  }

  get stats(): { readonly memoryBytes: number; readonly files: number; readonly fileBytes: number; seq: number } {
    const memoryBytes = [...this.snapshots, this.memstore].reduce((sum, { bytes }) => sum + bytes, 0);
    const fileBytes = this.files.reduce((sum, { bytes }) => sum + bytes, 0);
    return { memoryBytes, files: this.files.length, fileBytes, seq: this.appliedSeq };
  }

  /** A row to split by: the middle of the largest file. Null when there is too little. */
  get middleRow(): Buffer | null {
    return [...this.files].sort((a, b) => b.bytes - a.bytes)[0]?.middleRow ?? null;
  }

  /** @throws CellError, RegionBusyError, RegionClosedError, or what ended the log */
  async mutate(mutation: RowMutation): Promise<void> {
    this.assertWritable();
    checkMutation(mutation);
    await this.locks.hold(mutation.row, () => this.commit(mutation));
  }

  /**
   * Mutates if the column has this value now; nothing comes between.
   * @param expected null: it has none
   * @returns whether it was done
   */
  async checkAndMutate(column: Buffer, expected: Buffer | null, mutation: RowMutation): Promise<boolean> {
    this.assertWritable();
    checkMutation(mutation);
    return await this.locks.hold(mutation.row, async () => {
      const found = await this.value(mutation.row, column);
      const holds = expected === null ? found === null : found !== null && found.equals(expected);
      if (holds) await this.commit(mutation);
      return holds;
    });
  }

  /**
   * Adds to a counter of eight bytes, as HBase's Increment does; none counts as 0.
   * @returns its new value
   * @throws CellError when the column holds something else
   */
  async increment(row: Buffer, column: Buffer, delta: bigint): Promise<bigint> {
    this.assertWritable();
    return await this.locks.hold(row, async () => {
      const value = decodeCounter(await this.value(row, column)) + delta;
      const mutation = { row, puts: [{ column, value: encodeCounter(value) }] };
      checkMutation(mutation);
      await this.commit(mutation);
      return value;
    });
  }

  /** @throws CorruptFileError when the block that would hold it is damaged; other blocks are still served */
  async get(row: Buffer): Promise<RowResult | null> {
    const view = this.view((file) => file.mayHold(row));
    try {
      const cursors = await openCursors(view, row, rowCursor);
      const cells = await nextRow(cursors);
      if (cells === null || !cells[0]!.row.equals(row)) return null;
      const seen = visible(cells);
      return seen.length === 0 ? null : { row, cells: seen };
    } finally {
      await this.leave(view);
    }
  }

  /**
   * All rows of the range in order, as of the moment of the call: what is written later is not seen, flushes and
   * compactions change nothing. End it, by `return` at the latest, so that files can go.
   */
  scan(range: ScanRange = {}): Scan {
    const view = this.view();
    const rows = this.rows(range, view);
    let begun = false;
    return {
      next: () => {
        begun = true;
        return rows.next();
      },
      return: async () => {
        // A generator that was never asked runs no `finally`.
        if (!begun) await this.leave(view);
        begun = true;
        return await rows.return();
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Writes what is in memory to a file, and lets the log go. */
  flush(): Promise<void> {
    return this.enqueue(() => this.writeSnapshot());
  }

  /** @param everything all files into one, so that nothing remains of what was deleted (a major compaction) */
  compact(everything = false): Promise<void> {
    return this.enqueue(() => this.joinFiles(everything));
  }

  /** @param flush false when the log is lost: what is in memory is recovered from it by others */
  async close({ flush }: { readonly flush: boolean }): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.locks.idle();
    try {
      if (flush) await this.flush();
    } finally {
      await this.work.catch(() => undefined);
      await Promise.all(this.files.map((file) => file.release()));
    }
  }

  private async recover(): Promise<void> {
    const folder = join(this.options.folder, RECOVERED_FOLDER);
    const { flushedSeq } = this.manifest.current;
    for (const { region, cells } of await readRecovered(folder)) {
      assert(region === this.name, `${folder}: expected edits of ${this.name}, got ${region}`);
      for (const cell of cells) if (cell.seq > flushedSeq) this.memstore.add(cell);
    }
    this.lastSeq = Math.max(flushedSeq, this.memstore.lastSeq);
    this.appliedSeq = this.lastSeq;
    // They are in no log of ours, so into a file before the first read and before they are removed.
    await this.flush();
    await rm(folder, { recursive: true, force: true });
  }

  private assertWritable(): void {
    if (this.closed) throw new RegionClosedError(this.options.folder);
    const limit = (this.options.flushBytes ?? DEFAULT_FLUSH_BYTES) * BLOCK_MULTIPLIER;
    const { memoryBytes } = this.stats;
    if (memoryBytes > limit) throw new RegionBusyError(this.options.folder, memoryBytes, limit);
  }

  private async commit(mutation: RowMutation): Promise<void> {
    const seq = ++this.lastSeq;
    const cells = toCells(mutation, seq, this.options.now());
    await this.options.log.append({ region: this.name, cells });
    assert(seq > this.appliedSeq, `expected mutations in order, got ${seq} after ${this.appliedSeq}`);
    this.appliedSeq = seq;
    for (const cell of cells) this.memstore.add(cell);
    if (this.memstore.bytes >= (this.options.flushBytes ?? DEFAULT_FLUSH_BYTES)) this.flushSoon();
  }

  private flushSoon(): void {
    if (this.flushQueued) return;
    this.flushQueued = true;
    this.flush()
      .then(() => this.compact())
      // What was to be written stays in memory; the region refuses writes when it is too much.
      .catch((error: unknown) => this.options.onProblem?.(error))
      .finally(() => (this.flushQueued = false));
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.work.then(task, task);
    this.work = done.catch(() => undefined);
    return done;
  }

  private async writeSnapshot(): Promise<void> {
    if (this.memstore.count > 0) {
      this.snapshots = [...this.snapshots, this.memstore];
      this.memstore = Memstore.empty();
    }
    const written = this.snapshots;
    if (written.length === 0) return;
    const seq = Math.max(...written.map(({ lastSeq }) => lastSeq));
    const name = this.nextName();
    const cursors = written.map((memstore) => memstoreCursor(memstore, NOTHING));
    const rows = (cells: readonly Cell[]): readonly Cell[] => kept(cells, false);
    await writeStoreFile(this.options.folder, name, cellsOf(cursors, rows));
    const file = await StoreFile.open(this.options.folder, name, this.options.cache);
    try {
      const { files } = this.manifest.current;
      await this.manifest.replace({ flushedSeq: seq, files: [...files, name] });
    } catch (error) {
      await file.release();
      throw error;
    }
    this.files = [...this.files, file];
    this.snapshots = this.snapshots.filter((snapshot) => !written.includes(snapshot));
    await this.options.log.flushed(this.name, seq);
  }

  private async joinFiles(everything: boolean): Promise<void> {
    const all = this.files;
    const range = everything ? ([0, all.length] as const) : selectCompaction(all.map(({ bytes }) => bytes));
    if (range === null || range[1] - range[0] < (everything ? 1 : 2)) return;
    const [from, to] = range;
    const old = all.slice(from, to);
    const name = this.nextName();
    const cursors = await Promise.all(old.map((file) => fileCursor(file, NOTHING)));
    const rows = (cells: readonly Cell[]): readonly Cell[] => kept(cells, to - from === all.length);
    const count = await writeStoreFile(this.options.folder, name, cellsOf(cursors, rows));
    const joined = count === 0 ? [] : [await StoreFile.open(this.options.folder, name, this.options.cache)];
    const files = [...all.slice(0, from), ...joined, ...all.slice(to)];
    try {
      const { flushedSeq } = this.manifest.current;
      await this.manifest.replace({ flushedSeq, files: files.map((file) => file.name) });
    } catch (error) {
      await Promise.all(joined.map((file) => file.release()));
      throw error;
    }
    this.files = files;
    await Promise.all(old.map((file) => file.retire()));
  }

  private nextName(): string {
    return `${this.opening}-${String(++this.fileNumber).padStart(6, '0')}.store`;
  }

  private async value(row: Buffer, column: Buffer): Promise<Buffer | null> {
    const found = await this.get(row);
    return found?.cells.find((cell) => cell.column.equals(column))?.value ?? null;
  }

  private view(wanted: (file: StoreFile) => boolean = () => true): View {
    const files = this.files.filter(wanted);
    for (const file of files) file.retain();
    return { memstores: [...this.snapshots, this.memstore.clone()], files };
  }

  private async leave({ files }: View): Promise<void> {
    await Promise.all(files.map((file) => file.release()));
  }

  private async *rows({ start = NOTHING, stop }: ScanRange, view: View): AsyncGenerator<RowResult, void> {
    try {
      const cursors = await openCursors(view, start, fileCursor);
      for (let cells = await nextRow(cursors); cells !== null; cells = await nextRow(cursors)) {
        const { row } = cells[0]!;
        if (stop !== undefined && Buffer.compare(row, stop) >= 0) return;
        const seen = visible(cells);
        if (seen.length > 0) yield { row, cells: seen };
      }
    } finally {
      await this.leave(view);
    }
  }
}

async function openCursors({ memstores, files }: View, from: Buffer, open: typeof fileCursor): Promise<Cursor[]> {
  return [
    ...memstores.map((memstore) => memstoreCursor(memstore, from)),
    ...(await Promise.all(files.map((file) => open(file, from)))),
  ];
}

async function* cellsOf(
  cursors: readonly Cursor[],
  choose: (cells: readonly Cell[]) => readonly Cell[],
): AsyncGenerator<Cell, void> {
  for (let cells = await nextRow(cursors); cells !== null; cells = await nextRow(cursors)) yield* choose(cells);
}

function toCells({ row, deleteRow = false, deletes = [], puts = [] }: RowMutation, seq: number, timestampMs: number) {
  const common = { row, seq, timestampMs };
  const cells: Cell[] = deleteRow ? [{ ...common, column: NOTHING, kind: CellKind.deleteRow, value: NOTHING }] : [];
  const put = new Set(puts.map(({ column }) => column.toString('latin1')));
  for (const column of deletes) {
    // Put by the same mutation, which comes after its deletions.
    if (put.has(column.toString('latin1'))) continue;
    cells.push({ ...common, column, kind: CellKind.deleteColumn, value: NOTHING });
  }
  for (const { column, value } of puts) cells.push({ ...common, column, kind: CellKind.put, value });
  return cells;
}

function checkMutation(mutation: RowMutation): void {
  const cells = toCells(mutation, 0, 0);
  if (cells.length === 0) throw new CellError('mutation: expected something to put or to delete, got nothing');
  for (const cell of cells) assertCell(cell);
}
