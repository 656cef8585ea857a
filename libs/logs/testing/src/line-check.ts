/** Counts what a sink has of a `LineWriter`'s lines: every number once, in order. */
import { readSource } from '@menagerie/logs-sink';

export interface LineCheck {
  readonly source: string;
  readonly lines: number;
  readonly missing: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  /** Lines that are not as they were written. */
  readonly damaged: number;
  /** The first thing that is wrong, for a message. */
  readonly first: string | null;
}

const LINE = /^(?<source>\S+) (?<number>\d+) x* end$/;

/** @param written how many lines there should be */
export async function checkLines(sinkDir: string, source: string, written: number): Promise<LineCheck> {
  const seen = new Set<number>();
  let [lines, duplicates, outOfOrder, damaged, last] = [0, 0, 0, 0, 0];
  let first: string | null = null;
  let rest = '';
  for await (const bytes of readSource(sinkDir, source)) {
    const all = (rest + bytes.toString()).split('\n');
    rest = all.pop() ?? '';
    for (const line of all) {
      lines += 1;
      const parts = LINE.exec(line)?.groups;
      const number = Number(parts?.['number']);
      if (parts?.['source'] !== source) {
        damaged += 1;
        first ??= `line ${lines} is ${JSON.stringify(line.slice(0, 200))}`;
        continue;
      }
      if (seen.has(number)) duplicates += 1;
      else if (number < last) outOfOrder += 1;
      if (number !== last + 1) first ??= `${number} follows ${last}`;
      seen.add(number);
      last = number;
    }
  }
  if (rest !== '') {
    damaged += 1;
    first ??= `it ends in ${JSON.stringify(rest.slice(0, 200))}`;
  }
  return { source, lines, missing: written - seen.size, duplicates, outOfOrder, damaged, first };
}
