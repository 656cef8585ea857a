/** Java's properties format, as far as Kafka's files use it: keys, values, comments, lines that go on. */
import { readFileSync } from 'node:fs';

import { configMistake } from '../errors.js';

/** More than any broker's file. */
const MAX_FILE_BYTES = 1024 * 1024;

/** A key twice: the last one counts, as in Java. */
export function parseProperties(text: string): Readonly<Record<string, string>> {
  const properties: Record<string, string> = {};
  const joined = text.replace(/\r\n?/g, '\n').replace(/\\\n[ \t]*/g, '');
  for (const raw of joined.split('\n')) {
    const line = raw.trimStart();
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue;
    const match = /^((?:\\.|[^\\=:\s])+)\s*[=:]?\s*(.*)$/.exec(line);
    if (match === null) continue;
    const unescape = (part: string) => part.replace(/\\(.)/g, '$1');
    properties[unescape(match[1]!)] = unescape(match[2]!.trimEnd());
  }
  return properties;
}

/** @throws BrokerError, a user's mistake, when the file cannot be read */
export function readProperties(path: string): Readonly<Record<string, string>> {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES} bytes`);
    return parseProperties(bytes.toString('utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const problem = code === 'ENOENT' ? 'no such file' : error instanceof Error ? error.message : String(error);
    throw configMistake(`${path}: ${problem}`, error);
  }
}
