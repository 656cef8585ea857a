/** The last good value of something on disk, so that an application starts and goes on while nobody can be asked. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Kept {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

export class LastGood {
  /** @param folder made when it is missing, readable by its owner only. */
  constructor(private readonly folder: string) {}

  /** Whole or not at all: written beside and moved over. */
  keep(name: string, text: string, atMs: number): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = this.fileOf(name);
    const sum = sumOf(text);
    writeFileSync(`${file}.new`, JSON.stringify({ name, atMs, sum, text }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  /** Null when there is none, or when it is not what was written. */
  find(name: string): Kept | null {
    try {
      const kept = JSON.parse(readFileSync(this.fileOf(name), 'utf8')) as Record<string, unknown>;
      const { text, atMs, sum } = kept;
      if (kept['name'] !== name || typeof text !== 'string' || typeof atMs !== 'number') return null;
      return sum === sumOf(text) ? { text, atMs } : null;
    } catch {
      return null;
    }
  }

  private fileOf(name: string): string {
    return join(this.folder, `${sumOf(name).slice(0, 16)}.json`);
  }
}

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');
