/** Stats as clients and snapshots see them. */
import {
  CONTAINER_OWNER,
  decodeStat,
  ErrorCode,
  JuteReader,
  JuteWriter,
  type Stat,
  ttlOwner,
} from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { DataTree } from './data-tree.js';

const newTree = (): DataTree => DataTree.initial({ extendedTypes: true });

function visibleStat(tree: DataTree, path: string): Stat {
  const writer = new JuteWriter();
  const node = tree.get(path)!;
  tree.stats.writeVisible(writer, node.stat, node.isEphemeral);
  return decodeStat(new JuteReader(writer.toBuffer()));
}

describe('a new tree', () => {
  it('has the nodes Apache starts with, counts the root twice and measures 44', () => {
    const tree = newTree();
    expect([...tree.subtree(tree.root)].map(({ path }) => path).sort()).toEqual([
      '/',
      '/zookeeper',
      '/zookeeper/config',
      '/zookeeper/quota',
    ]);
    expect(tree.nodeCount).toBe(5);
    expect(tree.approximateDataSize).toBe(44);
    expect(tree.get('')!.stat).toBe(tree.root.stat);
  });

  it('shows a cversion of -1 at the root: one child that no transaction created', () => {
    expect(visibleStat(newTree(), '/')).toMatchObject({ cversion: -1, numChildren: 1, czxid: 0n, pzxid: 0n });
  });

  it('has a configuration node which everyone may read and nobody write', () => {
    const node = newTree().get('/zookeeper/config')!;
    expect(node.acl.acl).toEqual([{ perms: 1, id: { scheme: 'world', id: 'anyone' } }]);
    expect(visibleStat(newTree(), '/zookeeper/config').aversion).toBe(-1);
  });
});

describe('a stat', () => {
  it('shows creations and deletions of children in cversion but stores creations only', () => {
    const tree = newTree();
    tree.create('/p', null, null, 0n, 1, 1n, 0);
    tree.create('/p/a', null, null, 0n, 1, 2n, 0);
    tree.create('/p/b', null, null, 0n, 2, 3n, 0);
    tree.delete('/p/a', 4n);
    expect(visibleStat(tree, '/p')).toMatchObject({ cversion: 3, numChildren: 1, pzxid: 4n, mzxid: 1n });
    expect(tree.stats.cversion(tree.get('/p')!.stat)).toBe(2);
  });

  it('shows a session as owner, but neither container nor time to live', () => {
    const tree = newTree();
    tree.create('/e', null, null, -7n, 1, 1n, 0);
    tree.create('/c', null, null, CONTAINER_OWNER, 2, 2n, 0);
    tree.create('/t', null, null, ttlOwner(5n), 3, 3n, 0);
    expect(['/e', '/c', '/t'].map((path) => visibleStat(tree, path).ephemeralOwner)).toEqual([-7n, 0n, 0n]);
    expect([...tree.owners.containers].map(({ path }) => path)).toEqual(['/c']);
    expect([...tree.owners.ttls].map(({ path }) => path)).toEqual(['/t']);
  });

  it('takes a TTL tag for a session id of server 255 where TTL nodes are off (ZOOKEEPER-2901)', () => {
    const tree = DataTree.initial({ extendedTypes: false });
    tree.create('/t', null, null, ttlOwner(5n), 1, 1n, 0);
    expect(visibleStat(tree, '/t').ephemeralOwner).toBe(ttlOwner(5n));
  });

  it('counts a change of ACL in aversion and nowhere else', () => {
    const tree = newTree();
    tree.create('/a', null, null, 0n, 1, 1n, 10);
    const before = visibleStat(tree, '/a');
    tree.setAcl('/a', null, 1);
    expect(visibleStat(tree, '/a')).toEqual({ ...before, aversion: 1 });
  });

  it('goes on after the largest cversion with the smallest', () => {
    const tree = newTree();
    tree.stats.setCversion(tree.root.stat, 0x7fffffff);
    tree.create('/a', null, null, 0n, -0x80000000, 1n, 0);
    expect(tree.stats.cversion(tree.root.stat)).toBe(-0x80000000);
    expect(visibleStat(tree, '/').cversion).toBe(-2);
  });

  it('keeps times beyond 32 bits, and data of any bytes', () => {
    const tree = newTree();
    const data = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    tree.create('/a', data, null, 0n, 1, 1n, 1_700_000_000_123);
    expect(visibleStat(tree, '/a')).toMatchObject({ ctime: 1_700_000_000_123, dataLength: 256 });
    expect(Buffer.from(tree.get('/a')!.data!, 'latin1')).toEqual(data);
  });
});

describe('changes that can not be done', () => {
  it('say so and change nothing', () => {
    const tree = newTree();
    const digest = tree.digest.value;
    expect(tree.create('/no/child', null, null, 0n, 1, 1n, 0)).toBe(ErrorCode.NoNode);
    expect(tree.setData('/no', null, 1, 1n, 0)).toBe(ErrorCode.NoNode);
    expect(tree.setAcl('/no', null, 1)).toBe(ErrorCode.NoNode);
    expect(tree.delete('/no/child', 1n)).toBe(ErrorCode.NoNode);
    expect(tree.create('/zookeeper', null, null, 0n, 0, 1n, 0)).toBe(ErrorCode.NodeExists);
    expect(tree.digest.value).toBe(digest);
  });
});
