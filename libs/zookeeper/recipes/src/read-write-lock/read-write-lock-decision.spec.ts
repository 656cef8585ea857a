import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideReadWriteLock, decideReadWriteLockAsHerd } from './read-write-lock-decision.js';

const read = (n: number) => `_c_r-read-${String(n).padStart(10, '0')}`;
const write = (n: number) => `_c_w-write-${String(n).padStart(10, '0')}`;

describe('a shared lock', () => {
  it('lets all readers before the first writer in', () => {
    const line = [read(1), read(2), write(3), read(4)];
    expect(decideReadWriteLock(line, read(1))).toEqual({ kind: 'held' });
    expect(decideReadWriteLock(line, read(2))).toEqual({ kind: 'held' });
  });
  it('a reader waits for the last writer before it and for no reader', () => {
    expect(decideReadWriteLock([write(1), read(2), write(3), read(4), read(5)], read(5))).toEqual({
      kind: 'wait',
      on: [write(3)],
    });
  });
  it('a writer waits for the one directly before it, reader or writer', () => {
    expect(decideReadWriteLock([write(1), read(2), write(3)], write(3))).toEqual({ kind: 'wait', on: [read(2)] });
  });
  it('a writer that crashed in the middle of the line does not let a reader overtake an earlier writer', () => {
    expect(decideReadWriteLock([write(1), read(4)], read(4))).toEqual({ kind: 'wait', on: [write(1)] });
  });

  it('never lets a writer in beside anybody, in any line', () => {
    const lines = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }).map((writers) => {
      return writers.map((isWriter, i) => (isWriter ? write(i) : read(i)));
    });
    fc.assert(
      fc.property(lines, (line) => {
        const holders = line.filter((own) => decideReadWriteLock(line, own).kind === 'held');
        const herd = line.filter((own) => decideReadWriteLockAsHerd(line, own).kind === 'held');
        expect(herd).toEqual(holders);
        expect(holders.length).toBeGreaterThan(0);
        if (holders.some((name) => name.includes('write'))) expect(holders).toHaveLength(1);
      }),
    );
  });
});
