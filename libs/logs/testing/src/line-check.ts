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

/** Takes lines in the order in which a reader sees them. */
export class LineCounter {
  private readonly seen = new Set<number>();
  private lines = 0;
  private duplicates = 0;
  private outOfOrder = 0;
  private damaged = 0;
  private last = 0;
  private first: string | null = null;

  constructor(private readonly source: string) {}

  /** Different lines so far. */
  get different(): number {
    return this.seen.size;
  }

  take(line: string): void {
    this.lines += 1;
    const parts = LINE.exec(line)?.groups;
    const number = Number(parts?.['number']);
    if (parts?.['source'] !== this.source) {
      this.damaged += 1;
      this.first ??= `line ${this.lines} is ${JSON.stringify(line.slice(0, 200))}`;
      return;
    }
    if (this.seen.has(number)) this.duplicates += 1;
    else if (number < this.last) this.outOfOrder += 1;
    if (number !== this.last + 1) this.first ??= `${number} follows ${this.last}`;
    this.seen.add(number);
    this.last = number;
  }

  /** @param rest what came after the last newline. @param written how many lines there should be */
  check(written: number, rest = ''): LineCheck {
    if (rest !== '') {
      this.damaged += 1;
      this.first ??= `it ends in ${JSON.stringify(rest.slice(0, 200))}`;
    }
    const { source, lines, duplicates, outOfOrder, damaged, first } = this;
    return { source, lines, missing: written - this.seen.size, duplicates, outOfOrder, damaged, first };
  }
}

/** @param written how many lines there should be */
export async function checkLines(sinkDir: string, source: string, written: number): Promise<LineCheck> {
  const counter = new LineCounter(source);
  let rest = '';
  for await (const bytes of readSource(sinkDir, source)) {
    const all = (rest + bytes.toString()).split('\n');
    rest = all.pop() ?? '';
    for (const line of all) counter.take(line);
  }
  return counter.check(written, rest);
}
