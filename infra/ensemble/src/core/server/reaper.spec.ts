import { CONTAINER_OWNER, ErrorCode, OpCode, ttlOwner } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { Standalone } from '../__fixtures__/standalone.js';
import { DataTree } from '../tree/data-tree.js';
import { DEFAULT_REAPER_CONFIG, Reaper } from './reaper.js';

const CHECK_MS = DEFAULT_REAPER_CONFIG.checkIntervalMs;

function treeWith(...nodes: [path: string, owner: bigint, mtime: number][]): DataTree {
  const tree = DataTree.initial({ extendedTypes: true });
  for (const [path, owner, mtime] of nodes) tree.create(path, null, null, owner, -1, 1n, mtime);
  return tree;
}

const found = (tree: DataTree, wallMs: number, config = DEFAULT_REAPER_CONFIG): string[] =>
  new Reaper(config, 0).take(tree, CHECK_MS, wallMs).sort();

describe('the reaper', () => {
  it('takes containers that had children and have none any more', () => {
    const tree = treeWith(['/used', CONTAINER_OWNER, 0], ['/used/c', 0n, 0], ['/new', CONTAINER_OWNER, 0]);
    expect(found(tree, 1e9)).toEqual([]);
    tree.delete('/used/c', 2n);
    expect(found(tree, 1e9)).toEqual(['/used']);
  });

  it('takes containers that never had a child only where that is wanted', () => {
    const tree = treeWith(['/new', CONTAINER_OWNER, 0]);
    const config = { ...DEFAULT_REAPER_CONFIG, maxNeverUsedIntervalMs: 500 };
    expect(found(tree, 500, config)).toEqual([]);
    expect(found(tree, 501, config)).toEqual(['/new']);
  });

  it('takes nodes whose time to live is over since their data was set, if they have no children', () => {
    const tree = treeWith(['/old', ttlOwner(100n), 0], ['/set', ttlOwner(100n), 0], ['/parent', ttlOwner(100n), 0]);
    tree.create('/parent/c', null, null, 0n, -1, 2n, 0);
    tree.setData('/set', null, 1, 3n, 90);
    expect(found(tree, 101)).toEqual(['/old']);
  });

  it('hands out no more than so many in a minute, in small portions', () => {
    const tree = treeWith(
      ...Array.from({ length: 50 }, (_, i): [string, bigint, number] => [`/t${i}`, ttlOwner(1n), 0]),
    );
    const reaper = new Reaper({ ...DEFAULT_REAPER_CONFIG, maxPerMinute: 6000 }, 0);
    expect(reaper.take(tree, CHECK_MS, 100)).toHaveLength(10);
    expect(reaper.take(tree, CHECK_MS + 50, 100)).toHaveLength(0);
    expect(reaper.nextMs()).toBe(CHECK_MS + 100);
    expect(reaper.take(tree, CHECK_MS + 100, 100)).toHaveLength(10);
  });
});

describe('a server', () => {
  it('deletes what has had its time by transactions of its own, and checks again whether it may', () => {
    const cluster = new Standalone({ extendedTypes: true });
    for (const path of ['/gone', '/kept']) cluster.database.tree.create(path, null, null, ttlOwner(5n), -1, 0n, 0);
    const client = cluster.connect({ timeoutMs: 20_000 });
    for (let i = 0; i < 9; i++) {
      cluster.advance(6000);
      client.ping();
    }
    cluster.manual = true;
    client.send(OpCode.create, (writer) => {
      writer.writeString('/kept/child');
      writer.writeBuffer(null);
      writer.writeVector([0], (to) => {
        to.writeInt(31);
        to.writeString('world');
        to.writeString('anyone');
      });
      writer.writeInt(0);
    });
    cluster.advance(6000);
    cluster.commit();
    const reaped = cluster.proposals.slice(-2).map(({ header, txn }) => [header.clientId, header.type, txn]);
    expect(reaped).toContainEqual([0n, OpCode.deleteContainer, { type: OpCode.deleteContainer, path: '/gone' }]);
    expect(reaped).toContainEqual([0n, OpCode.error, { type: OpCode.error, err: ErrorCode.NotEmpty }]);
    expect(cluster.database.tree.get('/gone')).toBeUndefined();
    expect(cluster.database.tree.get('/kept/child')).toBeDefined();
  });
});
