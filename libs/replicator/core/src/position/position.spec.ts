import { describe, expect, it } from 'vitest';
import { aTask } from '../__fixtures__/task.js';
import type { LastCommit } from '../layout/payloads.js';
import { mayWrite } from './fence.js';
import { advance, covers, formatPosition, parseGtid, parsePosition } from './gtid.js';
import { decideStart, type PositionRow } from './start.js';

const row: PositionRow = {
  fence: 7n,
  phase: 'streaming',
  gtid: '0-1-42',
  file: 'bin.000001',
  pos: 4,
  rows: 9,
  copy: 1,
};
const lastCommit: LastCommit = {
  fence: '0x7',
  phase: 'streaming',
  gtid: '0-1-40',
  file: 'bin.000001',
  pos: 4,
  rows: 8,
  copy: 1,
  at: 0,
  lagMs: 0,
};

describe('a position', () => {
  it('has one watermark a domain and keeps all 64 bits', () => {
    const position = parsePosition('1-2-18446744073709551615,0-1-7');
    expect(formatPosition(position)).toBe('0-1-7,1-2-18446744073709551615');
    expect(formatPosition(advance(position, parseGtid('0-9-3')))).toBe('0-9-3,1-2-18446744073709551615');
    expect(formatPosition(parsePosition(''))).toBe('');
  });

  it.each(['0-1', 'a-1-2', '0-1-2,0-1-3', '0-1-18446744073709551616', '4294967296-1-1'])('%s is none', (text) => {
    expect(() => parsePosition(text)).toThrow(expect.objectContaining({ code: 'REPLICATOR_BAD_POSITION' }));
  });

  it('covers what lies at or before it in every domain', () => {
    expect(covers(parsePosition('0-1-7'), parsePosition('0-1-7'))).toBe(true);
    expect(covers(parsePosition('0-1-7'), parsePosition('0-1-8'))).toBe(false);
    expect(covers(parsePosition('0-1-7'), parsePosition('1-1-1'))).toBe(false);
  });
});

describe('where a core begins', () => {
  it('at the position in the target, not at the one in ZooKeeper, which lags', () => {
    expect(decideStart(aTask(), row, lastCommit)).toEqual({ kind: 'resume', gtid: '0-1-42' });
  });

  it('a task without a position is copied, or begins where it says', () => {
    expect(decideStart(aTask(), null, null)).toEqual({ kind: 'copy' });
    expect(decideStart(aTask({ start: 'now' }), null, null)).toEqual({ kind: 'now' });
    expect(decideStart(aTask({ start: '0-1-5' }), null, null)).toEqual({ kind: 'resume', gtid: '0-1-5' });
  });

  it('a copy that was broken off is begun again', () => {
    expect(decideStart(aTask(), { ...row, phase: 'copying' }, null)).toEqual({ kind: 'copy' });
  });

  it('a task that is to be copied anew is, whatever its position', () => {
    expect(decideStart(aTask({ copy: 2 }), row, lastCommit)).toEqual({ kind: 'copy' });
  });

  it('refuses to guess when the target has lost its position', () => {
    expect(() => decideStart(aTask(), null, lastCommit)).toThrow(
      expect.objectContaining({ code: 'REPLICATOR_BAD_POSITION' }),
    );
  });
});

describe('the fence', () => {
  it('lets an instance write over older ones and itself, never over a later one', () => {
    expect(mayWrite(7n, null)).toBe(true);
    expect(mayWrite(7n, { ...lastCommit, fence: '0x6' })).toBe(true);
    expect(mayWrite(7n, lastCommit)).toBe(true);
    expect(mayWrite(7n, { ...lastCommit, fence: '0x100000000' })).toBe(false);
  });
});
