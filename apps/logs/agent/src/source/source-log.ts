/** One source: its files watched, its stream readable from any offset. */
import { dirname, join } from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import {
  beginHistory,
  beginOf,
  cutBlock,
  type CutSettings,
  endOf,
  type History,
  isOverwritten,
  locate,
  looksBinary,
  observe,
  type SeenFile,
  type Segment,
} from '@menagerie/logs-core';
import { readCheckpoint, readHead, writeCheckpoint } from './checkpoint.js';
import { lookAt, lookAtBrothers } from './look.js';
import { OpenFiles } from './open-files.js';

export interface SourceLogOptions extends CutSettings {
  readonly source: string;
  readonly path: string;
  /** Where its memory is kept. */
  readonly folder: string;
  readonly rotationGraceMs: number;
  readonly flushMs: number;
  /** Where the stream begins when there is no memory of it: beyond all that an earlier life may have reached. */
  readonly freshBase: () => Promise<number>;
  readonly onEvent: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** What there is to read at an offset. */
export type Part =
  | {
      readonly kind: 'data';
      readonly from: number;
      readonly to: number;
      readonly bytes: Buffer;
      readonly torn: boolean;
    }
  /** These bytes will never come. */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number; readonly why: string }
  /** Nothing yet. */
  | { readonly kind: 'end' }
  /** Nothing of this source will be served as things are. */
  | { readonly kind: 'refused'; readonly why: string };

/** Of one read; a record may be as long, so that one read is enough to tear it. */
const READ_BYTES = 1024 * 1024;
const BINARY_HEAD_BYTES = 8 * 1024;
/** A growing length is written down at most so often; when a file ends it is written at once. */
const CHECKPOINT_EVERY_MS = 5_000;

export interface SourceCounters {
  rotations: number;
  truncations: number;
  tornRecords: number;
  lostBytes: number;
}

export class SourceLog {
  readonly counters: SourceCounters = { rotations: 0, truncations: 0, tornRecords: 0, lostBytes: 0 };
  private history: History | null = null;
  private readonly open = new OpenFiles();
  private files: readonly SeenFile[] = [];
  private trouble: string | null = 'not looked at yet';
  private savedAtMs = 0;
  private savedEnd = -1;
  /** Files whose beginning has been looked at, and whether it was text. */
  private readonly textual = new Map<string, boolean>();
  private readonly waiting = new Set<() => void>();
  /** Since when there is no file of that name; null while there is one. */
  missingSinceMs: number | null = null;

  constructor(private readonly options: SourceLogOptions) {}

  get source(): string {
    return this.options.source;
  }

  get path(): string {
    return this.options.path;
  }

  /** What keeps it from being collected, if anything does. */
  get problem(): string | null {
    return this.trouble;
  }

  get begin(): number {
    return this.history === null ? 0 : beginOf(this.history);
  }

  get end(): number {
    return this.history === null ? 0 : endOf(this.history);
  }

  /** One look. Called by one caller at a time. */
  async look(nowMs: number): Promise<void> {
    try {
      const current = await lookAt(this.options.path);
      this.missingSinceMs = current === null ? (this.missingSinceMs ?? nowMs) : null;
      this.history ??= await this.recall(current, nowMs);
      if (this.history === null) {
        this.trouble = 'there is no such file';
        return;
      }
      await this.follow(this.history, current, nowMs);
      this.trouble = null;
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
    this.wake();
  }

  /** @returns the part of the stream that begins at an offset */
  async read(offset: number, nowMs: number): Promise<Part> {
    const { history } = this;
    if (history === null) return { kind: 'end' };
    const where = locate(history, offset);
    switch (where.kind) {
      case 'end':
        return { kind: 'end' };
      case 'forgotten':
        return {
          kind: 'gap',
          from: offset,
          to: where.begin,
          why: 'the stream begins there: what was before is not known',
        };
      case 'beyond':
        return { kind: 'refused', why: `expected an offset up to ${where.end}, got ${offset}` };
      case 'bytes':
        return await this.readSegment(history, offset, where, nowMs);
    }
  }

  /** Resolves when there may be more, or after the time. */
  async waitForMore(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Writes down what it knows. */
  async close(): Promise<void> {
    if (this.history !== null) await this.save(this.history, performance.now());
    await this.open.close();
  }

  private wake(): void {
    for (const done of [...this.waiting]) done();
  }

  /** From the checkpoint, or anew. Null while there is nothing to begin with. */
  private async recall(current: SeenFile | null, nowMs: number): Promise<History | null> {
    const { folder, source, path, freshBase, onEvent } = this.options;
    const checkpoint = await readCheckpoint(folder, source);
    if (checkpoint === null) {
      if (current === null) return null;
      const base = await freshBase();
      onEvent('begun', { base, size: current.size });
      return beginHistory(base, current, nowMs);
    }
    const history: History = { segments: checkpoint.segments, rotatedSinceMs: null, grewAtMs: nowMs };
    const last = history.segments.at(-1) as Segment;
    if (current?.id !== last.fileId) return history;
    const file = await this.open.get(current.id, [path]);
    const head = file === null ? null : await readHead(file, checkpoint.head.bytes);
    if (head === null || head.sha256 === checkpoint.head.sha256) return history;
    // Another file with the number of the old one: nothing of the old one is left.
    await this.open.close();
    onEvent('replaced', { at: endOf(history) });
    return { ...history, segments: [...history.segments.slice(0, -1), { ...last, fileId: `gone:${last.fileId}` }] };
  }

  private async follow(before: History, current: SeenFile | null, nowMs: number): Promise<void> {
    const last = before.segments.at(-1) as Segment;
    if (current !== null && current.id === last.fileId) this.files = [current];
    else this.files = await this.everyFile(current);
    const { rotationGraceMs, onEvent } = this.options;
    const { history, events } = observe(before, { nowMs, current, files: this.files, rotationGraceMs });
    this.history = history;
    for (const { kind, at } of events) {
      if (kind === 'rotated') this.counters.rotations += 1;
      else this.counters.truncations += 1;
      onEvent(kind, { at });
    }
    const latest = history.segments.at(-1) as Segment;
    if (!this.open.has(latest.fileId)) await this.open.get(latest.fileId, this.pathsOf(latest.fileId));
    const grown = endOf(history) !== this.savedEnd && nowMs - this.savedAtMs >= CHECKPOINT_EVERY_MS;
    if (events.length > 0 || this.savedEnd < 0 || grown) await this.save(history, nowMs);
  }

  private async everyFile(current: SeenFile | null): Promise<readonly SeenFile[]> {
    const { path } = this.options;
    const files = new Map<string, SeenFile>();
    // By name last: an open file that has a name is known by it.
    for (const file of await this.open.look(path)) files.set(file.id, file);
    for (const file of await lookAtBrothers(path)) files.set(file.id, file);
    if (current !== null) files.set(current.id, current);
    return [...files.values()];
  }

  private pathsOf(id: string): readonly string[] {
    const folder = dirname(this.options.path);
    const names = this.files.filter((file) => file.id === id).map(({ name }) => join(folder, name));
    return names.length > 0 ? names : [this.options.path];
  }

  private async save(history: History, nowMs: number): Promise<void> {
    const last = history.segments.at(-1) as Segment;
    const file = await this.open.get(last.fileId, this.pathsOf(last.fileId));
    const head = file === null ? { bytes: 0, sha256: '' } : await readHead(file);
    await writeCheckpoint(this.options.folder, this.source, history, head);
    this.savedAtMs = nowMs;
    this.savedEnd = endOf(history);
  }

  private async readSegment(
    history: History,
    offset: number,
    where: { segment: Segment; fileOffset: number; available: number; final: boolean },
    nowMs: number,
  ): Promise<Part> {
    const { segment, available, final } = where;
    const to = segment.base + segment.length;
    if (isOverwritten(history, segment))
      return this.lost(offset, to, 'the file was truncated before they were collected');
    const file = await this.fileOf(segment);
    if (file === null) return this.lost(offset, to, 'the file was removed before they were collected');
    if (!(await this.isText(segment, file))) return { kind: 'refused', why: 'a binary file (it has NUL bytes in it)' };
    const wanted = Math.min(available, READ_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, where.fileOffset);
    // Shorter than a moment ago: the next look will see why.
    if (bytesRead === 0) return { kind: 'end' };
    const block = buffer.subarray(0, bytesRead);
    const rest = bytesRead === available;
    const quiet = nowMs - history.grewAtMs >= this.options.flushMs;
    const { length, torn } = cutBlock(
      block,
      { final: final && rest, complete: rest && (final || quiet) },
      this.options,
    );
    if (length === 0) return { kind: 'end' };
    if (torn) this.counters.tornRecords += 1;
    return { kind: 'data', from: offset, to: offset + length, bytes: block.subarray(0, length), torn };
  }

  private lost(from: number, to: number, why: string): Part {
    this.counters.lostBytes += to - from;
    this.options.onEvent('lost', { from, to, why });
    return { kind: 'gap', from, to, why };
  }

  /** Rotated files are looked for by all their present names. */
  private async fileOf({ fileId }: Segment): Promise<FileHandle | null> {
    const known = await this.open.get(fileId, this.pathsOf(fileId));
    if (known !== null || fileId.startsWith('gone:')) return known;
    const folder = dirname(this.options.path);
    const brothers = (await lookAtBrothers(this.options.path)).filter(({ id }) => id === fileId);
    return await this.open.get(
      fileId,
      brothers.map(({ name }) => join(folder, name)),
    );
  }

  private async isText({ fileId }: Segment, file: FileHandle): Promise<boolean> {
    const known = this.textual.get(fileId);
    if (known !== undefined) return known;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BINARY_HEAD_BYTES), 0, BINARY_HEAD_BYTES, 0);
    const text = !looksBinary(buffer.subarray(0, bytesRead));
    if (this.textual.size > 100) this.textual.clear();
    this.textual.set(fileId, text);
    return text;
  }
}
