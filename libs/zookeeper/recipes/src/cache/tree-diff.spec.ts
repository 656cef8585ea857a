import type { Stat } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { differences, isStale, type CachedNode } from './tree-diff.js';

const node = (czxid: bigint, mzxid: bigint): CachedNode => {
  return { path: '/a', data: Buffer.from(String(mzxid)), stat: { czxid, mzxid } as Stat };
};

describe('what a cache tells', () => {
  it('is nothing when nothing differs', () => {
    expect(differences(null, null)).toEqual([]);
    expect(differences(node(1n, 2n), node(1n, 2n))).toEqual([]);
  });

  it('is an addition, a change, a removal', () => {
    expect(differences(null, node(1n, 1n)).map(({ kind }) => kind)).toEqual(['added']);
    expect(differences(node(1n, 1n), node(1n, 2n)).map(({ kind }) => kind)).toEqual(['changed']);
    expect(differences(node(1n, 1n), null).map(({ kind }) => kind)).toEqual(['removed']);
  });

  it('is an end and a beginning when the node was made again unseen', () => {
    expect(differences(node(1n, 1n), node(5n, 5n)).map(({ kind }) => kind)).toEqual(['removed', 'added']);
  });

  it('is nothing for an answer older than what is known', () => {
    expect(isStale(node(1n, 7n), node(1n, 6n))).toBe(true);
    expect(isStale(node(1n, 7n), node(1n, 7n))).toBe(false);
    expect(isStale(null, node(1n, 1n))).toBe(false);
  });
});
