import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold, type HistoryEntry, listsAt, NO_HISTORY, readHistoryEntry, shortReasons } from './history.js';

const entry = (at: number, lists: Record<string, string[] | null>): HistoryEntry => ({
  at,
  by: 'allocator1',
  gen: at,
  why: [],
  lists,
});

describe('the history of the lists', () => {
  const entries = [
    entry(10, { host1: ['a', 'b'] }),
    entry(20, { host1: ['a'], host2: ['b'] }),
    entry(30, { host1: null, host2: ['a', 'b'] }),
  ];

  it('tells what they were at a moment', () => {
    expect(listsAt(NO_HISTORY, entries, 5)?.lists).toEqual({});
    expect(listsAt(NO_HISTORY, entries, 20)?.lists).toEqual({ host1: ['a'], host2: ['b'] });
    expect(listsAt(NO_HISTORY, entries, 99)).toMatchObject({ at: 30, lists: { host2: ['a', 'b'] } });
    expect(listsAt(NO_HISTORY, entries, 99)?.lists).not.toHaveProperty('host1');
  });

  it('knows nothing of what was before its base', () => {
    expect(listsAt(fold(NO_HISTORY, entries, 2), entries.slice(2), 15)).toBeNull();
  });

  it('tells the same of later moments, however much of it has become the base', () => {
    const id = fc.constantFrom('host1', 'host2', 'host3');
    const list = fc.option(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }));
    const many = fc.array(fc.dictionary(id, list, { maxKeys: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(many, fc.nat(12), (changes, count) => {
        const all = changes.map((lists, index) => entry(index + 1, lists));
        const base = fold(NO_HISTORY, all, count);
        for (let at = Math.min(count, all.length); at <= all.length; at++) {
          if (at === 0) continue;
          expect(listsAt(base, all.slice(count), at)?.lists).toEqual(listsAt(NO_HISTORY, all, at)?.lists);
        }
      }),
    );
  });

  it('has few reasons for one change', () => {
    expect(shortReasons(Array.from({ length: 50 }, (_, n) => `reason ${n}`))).toHaveLength(11);
    expect(shortReasons(['one'])).toEqual(['one']);
  });

  it('names the node that makes no sense', () => {
    expect(() => readHistoryEntry(Buffer.from('nonsense'), '/logs/allocator/history/h-1')).toThrow(
      '/logs/allocator/history/h-1: expected an entry of the history, got "nonsense"',
    );
  });
});
