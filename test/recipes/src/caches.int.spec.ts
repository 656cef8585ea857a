/** Caches on each engine, by a watch that stays and, on a driver that knows no such watch, by those that fire once. */
import { protocolDriver } from '@menagerie/zookeeper-client';
import { nodeZooKeeperClientDriver } from '@menagerie/zookeeper-client/node-zookeeper-client';
import { ChildrenCache, NodeCache, TreeCache, type CacheEvent } from '@menagerie/zookeeper-recipes';
import { waitFor } from '@menagerie/zookeeper-testing';
import { describe, expect } from 'vitest';
import { onEngine, WAIT } from './__fixtures__/on-engine.js';

const worlds = (['menagerie', 'apache'] as const).flatMap((engine) =>
  [protocolDriver, nodeZooKeeperClientDriver].map((driver) => ({ engine, driver, name: driver.driverName })),
);

describe.each(worlds)('caches on $engine by the driver $name', ({ engine, driver }) => {
  const { test, clients, freshPath, expire } = onEngine(engine, { driver });

  test('a node and a tree are followed, and what differs after a lost session is told', async () => {
    const [one, writer] = await clients(2);
    const path = freshPath();
    await writer!.mkdirp(`${path}/a/b`);
    const events: CacheEvent[] = [];
    const tree = new TreeCache(one!, path, { onEvent: (event) => events.push(event) });
    const node = new NodeCache(one!, `${path}/a`);
    await Promise.all([tree.start(), node.start()]);
    expect(tree.size).toBe(3);
    expect(events.map(({ kind }) => kind)).toEqual(['added', 'added', 'added']);
    await writer!.setData(`${path}/a`, 'x');
    await writer!.create(`${path}/a/b/c`, 'deep');
    await waitFor(() => tree.get(`${path}/a/b/c`) !== null && node.current?.data.toString() === 'x', {
      ...WAIT,
      what: 'the change and the new node',
    });
    events.length = 0;
    await expire(one!);
    await writer!.delete(`${path}/a/b/c`);
    await writer!.create(`${path}/a/d`);
    await waitFor(() => tree.get(`${path}/a/d`) !== null && tree.get(`${path}/a/b/c`) === null, {
      ...WAIT,
      what: 'what happened meanwhile',
    });
    expect(tree.childrenOf(`${path}/a`)).toEqual(['b', 'd']);
    expect(events.map(({ kind, node: { path: at } }) => [kind, at]).sort()).toEqual([
      ['added', `${path}/a/d`],
      ['removed', `${path}/a/b/c`],
    ]);
    await Promise.all([tree.close(), node.close()]);
  });

  test('a node that is made, changed and removed again under a cache of children is seen each time', async () => {
    const [one, writer] = await clients(2);
    const path = freshPath();
    await writer!.mkdirp(path);
    await using cache = new ChildrenCache(one!, path);
    await cache.start();
    for (let round = 1; round <= 3; round += 1) {
      await writer!.create(`${path}/child`, '0');
      await writer!.setData(`${path}/child`, String(round));
      const isThere = () => cache.children.get('child')?.data.toString() === String(round);
      await waitFor(isThere, { ...WAIT, what: `the child of round ${round}` });
      await writer!.delete(`${path}/child`);
      await waitFor(() => cache.children.size === 0, { ...WAIT, what: `no child after round ${round}` });
    }
    expect(cache.isFresh).toBe(true);
  });
});
