/**
 * Open handles of the last few files of a log. While a file is open its number cannot go to another one, and it can be read
 * to its end though it is renamed or deleted.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SeenFile } from '@menagerie/logs-core';
import { fileId, seenFile } from './look.js';

/** Older ones are opened by name again when somebody wants them. */
const MAX_OPEN = 4;

export class OpenFiles {
  /** Invariant: at most `MAX_OPEN`, in the order in which they were opened. */
  private readonly handles = new Map<string, FileHandle>();

  has(id: string): boolean {
    return this.handles.has(id);
  }

  /** @returns the open file, opened by one of these paths if need be; null when none of them is it any more */
  async get(id: string, paths: readonly string[]): Promise<FileHandle | null> {
    const known = this.handles.get(id);
    if (known !== undefined) return known;
    for (const path of paths) {
      const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      if (handle === null) continue;
      if (fileId(await handle.stat()) !== id) {
        await handle.close();
        continue;
      }
      this.handles.set(id, handle);
      await this.closeOldest();
      return handle;
    }
    return null;
  }

  /** As they are now, under whatever name. */
  async look(path: string): Promise<readonly SeenFile[]> {
    return await Promise.all([...this.handles.values()].map(async (one) => seenFile(basename(path), await one.stat())));
  }

  async close(): Promise<void> {
    const handles = [...this.handles.values()];
    this.handles.clear();
    await Promise.all(handles.map((handle) => handle.close()));
  }

  private async closeOldest(): Promise<void> {
    const [oldest] = this.handles;
    if (this.handles.size <= MAX_OPEN || oldest === undefined) return;
    this.handles.delete(oldest[0]);
    await oldest[1].close();
  }
}
