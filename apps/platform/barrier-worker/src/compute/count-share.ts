/** Every `shares`-th line of a file, from line `share` on: its words. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Partial } from './results.js';

export interface ShareOptions {
  readonly file: string;
  readonly share: number;
  readonly shares: number;
  readonly paceMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (lines: number) => void;
}

const LINES_BETWEEN_RESTS = 1_000;

export async function countShare({ file, share, shares, paceMs, signal, onProgress }: ShareOptions): Promise<Partial> {
  const counts = new Map<string, number>();
  let [at, lines, words] = [0, 0, 0];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (at++ % shares !== share) continue;
    lines += 1;
    for (const word of line.split(/\W+/)) {
      if (word === '') continue;
      words += 1;
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    if (lines % LINES_BETWEEN_RESTS !== 0) continue;
    onProgress(lines);
    if (paceMs > 0) await sleep(paceMs, undefined, { signal });
    signal.throwIfAborted();
  }
  return { lines, words, counts: Object.fromEntries(counts) };
}
