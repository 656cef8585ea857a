/**
 * Kafka's checkpoint files: a version, a count, then a line for each entry. Replaced as a whole, so that a reader finds
 * the old one or the new one (OffsetCheckpointFile, LeaderEpochCheckpointFile).
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';

import { CheckpointError, StorageError } from './errors.js';

const VERSION = '0';
/** More lines than partitions or epochs ever make. */
const MAX_ENTRIES = 1_000_000;

/** @throws StorageError when the disk refuses; the old file is then still there */
export function writeCheckpoint(
  path: string,
  lines: readonly string[],
  options: { readonly sync?: boolean } = {},
): void {
  const aside = `${path}.tmp`;
  try {
    const fd = openSync(aside, 'w');
    try {
      writeSync(fd, [VERSION, String(lines.length), ...lines, ''].join('\n'));
      if (options.sync !== false) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(aside, path);
  } catch (error) {
    throw new StorageError(`write ${path}`, error);
  }
}

/** The entries, none when there is no file. @throws CheckpointError when it is not a checkpoint */
export function readCheckpoint(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new StorageError(`read ${path}`, error);
  }
  const [version, count, ...rest] = text.split('\n');
  if (version !== VERSION)
    throw new CheckpointError(path, `expected version ${VERSION}, got ${JSON.stringify(version)}`);
  const lines = rest.filter((line) => line !== '');
  if (lines.length > MAX_ENTRIES || String(lines.length) !== count) {
    throw new CheckpointError(path, `expected ${count} entries, got ${lines.length}`);
  }
  return lines;
}
