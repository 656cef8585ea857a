/** `<dataDir>/myid`: which of the servers in the list this one is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerId } from '../../core/contract/index.js';
import { MAX_SERVER_ID } from '../../core/quorum/index.js';
import { ConfigError, DirectoryError, systemErrorCode } from '../errors.js';

/** @returns null if there is no such file, which a standalone server does not need */
export function readMyId(dataDir: string): ServerId | null {
  const file = join(dataDir, 'myid');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR') throw new DirectoryError(dataDir, 'expected a directory, found a file');
    throw new ConfigError(file, null, `expected to read this server's id, found ${(error as Error).message}`);
  }
  const line = text.split('\n', 1)[0]!.trim();
  if (/^\d{1,3}$/.test(line) && Number(line) <= MAX_SERVER_ID) return Number(line);
  throw new ConfigError(
    file,
    1,
    `expected this server's id, a number from 0 to ${MAX_SERVER_ID}, found ${JSON.stringify(line)}`,
  );
}
