import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { BoundedLog } from './bounded-log.js';
import { LineSplitter, MAX_LINE_CHARS } from './line-splitter.js';

function split(chunks: readonly string[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

describe('the lines of a process', () => {
  it('are the same however the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{0,5}$/), { minLength: 1 }),
        fc.infiniteStream(fc.nat(7)),
        (lines, cuts) => {
          const text = lines.map((line) => `${line}\n`).join('');
          const chunks: string[] = [];
          for (let at = 0; at < text.length;) {
            const length = 1 + (cuts.next().value ?? 0);
            chunks.push(text.slice(at, at + length));
            at += length;
          }
          expect(split(chunks)).toEqual(lines);
        },
      ),
    );
  });

  it('without an end are cut, not collected', () => {
    const endless = Array.from({ length: 9 }, () => 'x'.repeat(MAX_LINE_CHARS / 4));
    expect(split(endless).map((line) => line.length)).toEqual([MAX_LINE_CHARS, MAX_LINE_CHARS, MAX_LINE_CHARS / 4]);
    expect(split([`${'y'.repeat(MAX_LINE_CHARS + 1)}\r\nz`]).map((line) => line.length)).toEqual([
      MAX_LINE_CHARS,
      1,
      1,
    ]);
  });
});

describe('a log file', () => {
  it('is turned over when full, keeps one old part, and goes on where it was', () => {
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-log-'));
    const file = join(folder, 'zk1.log');
    for (let run = 0; run < 4; run++) {
      const log = new BoundedLog(file, 100);
      for (let line = 0; line < 10; line++) log.write(`run ${run} line ${line}`);
      log.close();
    }
    expect(readdirSync(folder).sort()).toEqual(['zk1.log', 'zk1.log.1']);
    expect(statSync(file).size).toBeLessThanOrEqual(120);
    expect(readFileSync(file, 'utf8').endsWith('run 3 line 9\n')).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
