import { describe, expect, it } from 'vitest';
import { RecentChecksums } from './recent-checksums.js';

describe('the latest checksums of a log', () => {
  it('know a transaction that comes again, and not one that only has its zxid', () => {
    const recent = new RecentChecksums();
    for (const zxid of [5n, 6n, 0x1_0000_0001n]) recent.add(zxid, Number(zxid & 0xffn) + 100);
    expect(recent.has(6n, 106)).toBe(true);
    expect(recent.has(0x1_0000_0001n, 101)).toBe(true);
    expect(recent.has(6n, 107)).toBe(false);
    expect(recent.has(7n, 106)).toBe(false);
  });

  it('forget the oldest first, and nothing else', () => {
    const recent = new RecentChecksums(3);
    for (let zxid = 1n; zxid <= 5n; zxid++) recent.add(zxid, 0xffff_ffff);
    expect([1n, 2n, 3n, 4n, 5n].map((zxid) => recent.has(zxid, 0xffff_ffff))).toEqual([false, false, true, true, true]);
  });

  it('are of rising zxids', () => {
    const recent = new RecentChecksums();
    recent.add(2n, 0);
    expect(() => recent.add(2n, 0)).toThrow('expected rising zxids');
  });
});
