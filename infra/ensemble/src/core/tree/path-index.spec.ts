import { OwnerKind } from '@menagerie/zookeeper-protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeTable, NONE } from './node-table.js';
import { PathIndex } from './path-index.js';

function newIndex(seed = 0) {
  const nodes = new NodeTable();
  const index = new PathIndex(nodes, seed);
  const add = (ref: number, path: string, hash = index.hash(path)): void => {
    nodes.create(ref, path, hash, null, -1, OwnerKind.none, true);
    index.add(ref);
  };
  return { nodes, index, add };
}

describe('an index of paths', () => {
  it('finds every one of thousands while it grows, and none that was removed', () => {
    const { index, add } = newIndex(12345);
    const paths = Array.from({ length: 20_000 }, (_, i) => `/p${i % 7}/node-${i}`);
    for (const [ref, path] of paths.entries()) add(ref, path);
    for (let ref = 0; ref < paths.length; ref += 3) index.remove(ref);
    const found = paths.map((path) => index.find(path));
    expect(found).toEqual(paths.map((_, ref) => (ref % 3 === 0 ? NONE : ref)));
    expect(index.size).toBe(paths.length - Math.ceil(paths.length / 3));
  });

  it('tells paths of the same hash apart, in any order of removal', () => {
    const { index, add } = newIndex();
    const paths = ['/a', '/b', '/c', '/d'];
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3]), (removed) => {
        for (const [ref, path] of paths.entries()) add(ref, path, 7);
        for (const ref of removed) index.remove(ref);
        const left = paths.map((path) => index.findHashed(path, 7));
        expect(left).toEqual(paths.map((_, ref) => (removed.includes(ref) ? NONE : ref)));
        for (const ref of [0, 1, 2, 3]) if (!removed.includes(ref)) index.remove(ref);
      }),
    );
  });

  it('compares characters and not bytes: é is two bytes, and so is Ã©', () => {
    const { index, add } = newIndex();
    add(0, '/é', 1);
    expect(index.findHashed('/Ã©', 1)).toBe(NONE);
    expect(index.findHashed('/é', 1)).toBe(0);
    add(1, '/\u{1f600}');
    expect(index.find('/\u{1f600}')).toBe(1);
  });
});
