/** The kept corpus: per target one JSON file of inputs in base64, each of which reaches something that no other does. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../corpus');
const MAX_KEPT = 400;

export function readCorpus(target: string): Buffer[] {
  const file = join(folder, `${target}.json`);
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as string[]).map((text) => Buffer.from(text, 'base64'));
}

export function writeCorpus(target: string, inputs: readonly Buffer[]): void {
  mkdirSync(folder, { recursive: true });
  const kept = inputs.slice(0, MAX_KEPT).map((input) => input.toString('base64'));
  writeFileSync(join(folder, `${target}.json`), `${JSON.stringify(kept, null, 2)}\n`);
}
