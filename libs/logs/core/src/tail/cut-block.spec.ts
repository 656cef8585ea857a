import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLines, type CutSettings, cutBlock, looksBinary } from './cut-block.js';

const lines: CutSettings = { maxRecordBytes: 1_000, recordStart: null };
const traces: CutSettings = { maxRecordBytes: 1_000, recordStart: /^\d{4}-/ };
const growing = { complete: false, final: false };
const quiet = { complete: true, final: false };
const finished = { complete: true, final: true };
const cut = (text: string, end: typeof growing, settings: CutSettings) => {
  const { length, torn } = cutBlock(Buffer.from(text), end, settings);
  return { text: text.slice(0, length), torn };
};

describe('cutting a block of a log', () => {
  it('after the last newline; half a line waits', () => {
    expect(cut('one\ntwo\nthr', growing, lines)).toEqual({ text: 'one\ntwo\n', torn: false });
    expect(cut('thr', quiet, lines)).toEqual({ text: '', torn: false });
    expect(cut('', growing, lines)).toEqual({ text: '', torn: false });
  });

  it('half a line of a finished file goes as it is', () => {
    expect(cut('one\ntwo', finished, lines)).toEqual({ text: 'one\ntwo', torn: false });
  });

  it('a record of several lines waits for the next one to begin', () => {
    expect(cut('2026-1 boom\n  at x\n  at y\n', growing, traces)).toEqual({ text: '', torn: false });
    expect(cut('2026-1 boom\n  at x\n2026-2 ok\n', growing, traces).text).toBe('2026-1 boom\n  at x\n');
    expect(cut('2026-1 a\n2026-2 b\n2026-3 c\n  more\n202', growing, traces).text).toBe('2026-1 a\n2026-2 b\n');
  });

  it('and goes when nothing was added for a while', () => {
    expect(cut('2026-1 boom\n  at x\n  at', quiet, traces).text).toBe('2026-1 boom\n  at x\n');
  });

  it('a record beyond the limit is torn and said to be', () => {
    const long = 'x'.repeat(2_500);
    expect(cut(long, growing, lines)).toEqual({ text: 'x'.repeat(1_000), torn: true });
    const trace = `2026-1 boom\n${'  at x\n'.repeat(200)}`;
    expect(cut(trace, growing, traces)).toEqual({ text: trace, torn: true });
  });

  it('cut by cut, however the bytes arrive, every byte goes once and cuts are at ends of lines', () => {
    const line = fc.stringMatching(/^[a-z0-9-]{0,12}$/);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.array(fc.integer({ min: 1, max: 40 })), (texts, steps) => {
        const all = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        let sent = 0;
        let seen = 0;
        for (const step of [...steps, all.length]) {
          seen = Math.min(all.length, seen + step);
          const { length } = cutBlock(all.subarray(sent, seen), growing, lines);
          if (length > 0) expect(all[sent + length - 1]).toBe(0x0a);
          sent += length;
        }
        expect(sent).toBe(all.length);
      }),
    );
  });

  it('counts lines and knows a binary file', () => {
    expect(countLines(Buffer.from('a\nb\nc'))).toBe(2);
    expect(looksBinary(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]))).toBe(true);
    expect(looksBinary(Buffer.from('grüße\n'))).toBe(false);
  });
});
