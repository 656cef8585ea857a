/** Watches that stay: on one node, and on all nodes below it. */
import { expect } from 'vitest';
import type { WatchEvent } from '../api.js';
import { contractGroup, inChunks, itNeeds, type ContractSetup } from './setup.js';

function recorder(): { readonly events: WatchEvent[]; readonly watch: (event: WatchEvent) => void } {
  const events: WatchEvent[] = [];
  return { events, watch: (event) => events.push(event) };
}

export function persistentWatchesContract(setup: ContractSetup): void {
  contractGroup(setup, 'persistent watches', 1, (bench) => {
    const itStays = (title: string, test: () => Promise<void>): void =>
      itNeeds(setup, 'persistent-watches', title, test);

    itStays('tell of every change of a node and of its children, until they are removed', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const { events, watch } = recorder();
      const handle = await client.addWatch(root, watch);
      await client.setData(root, '1');
      await client.setData(root, '2');
      await client.create(`${root}/a`);
      await client.setData(`${root}/a`, 'not its business');
      await client.sync(root);
      expect(events.map(({ type, path }) => `${type} ${path}`)).toEqual([
        `data-changed ${root}`,
        `data-changed ${root}`,
        `children-changed ${root}`,
      ]);
      await handle.remove();
      await client.setData(root, '3');
      await client.sync(root);
      expect(events).toHaveLength(3);
    });

    itStays('tell of every node below, if recursive, with its own path inside the chroot', async () => {
      const outside = await bench.connect();
      const root = await bench.root(outside);
      const client = await bench.connect({ connect: `${bench.ensemble.connectString}${root}` });
      const { events, watch } = recorder();
      await using handle = await client.addWatch('/', watch, { recursive: true });
      await client.create('/a');
      await client.create('/a/b');
      await client.setData('/a/b', 'x');
      await client.delete('/a/b');
      await client.sync('/');
      expect(handle.recursive).toBe(true);
      expect(events.map(({ type, path }) => `${type} ${path}`)).toEqual([
        'created /a',
        'created /a/b',
        'data-changed /a/b',
        'deleted /a/b',
      ]);
    });

    itStays('leave a recursive watcher alone when a list changes that somebody else watches', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const [deep, list] = [recorder(), recorder()];
      await client.addWatch(root, deep.watch, { recursive: true });
      await client.getChildren(root, { watch: list.watch });
      await client.create(`${root}/a`);
      await client.sync(root);
      expect(list.events.map(({ type }) => type)).toEqual(['children-changed']);
      expect(deep.events.map(({ type }) => type)).toEqual(['created']);
    });

    itStays('are armed again on a new connection, and miss only what happened between', async () => {
      const link = await bench.link();
      const [client, writer] = await Promise.all([bench.connect({ connect: link.address }), bench.connect()]);
      // A node for each kind: Apache's servers before 3.9 keep one for a node and connection (ZOOKEEPER-4466).
      const [root, deepRoot] = [await bench.root(client), await bench.root(client)];
      const [flat, deep, once] = [recorder(), recorder(), recorder()];
      await client.create(`${root}/once`);
      await client.addWatch(root, flat.watch);
      await client.addWatch(deepRoot, deep.watch, { recursive: true });
      await client.getData(`${root}/once`, { watch: once.watch });
      link.cut();
      await bench.waitForState(client, 'suspended');
      link.heal();
      await bench.waitForState(client, 'connected');
      await client.sync(root);
      await writer.create(`${root}/a`);
      await writer.setData(root, 'x');
      await writer.create(`${deepRoot}/a`);
      await writer.setData(`${deepRoot}/a`, 'x');
      await writer.setData(`${root}/once`, 'x');
      await bench.waitFor('all that is to be told', () => flat.events.length === 2 && deep.events.length === 2);
      expect(flat.events.map(({ type }) => type)).toEqual(['children-changed', 'data-changed']);
      expect(deep.events.map(({ type, path }) => `${type} ${path}`)).toEqual([
        `created ${deepRoot}/a`,
        `data-changed ${deepRoot}/a`,
      ]);
      await bench.waitFor('the one-shot watch', () => once.events.length === 1);
    });

    itStays('keep the others on their node when one of them is removed', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const [first, second, third] = [recorder(), recorder(), recorder()];
      const handles = [await client.addWatch(root, first.watch), await client.addWatch(root, second.watch)];
      await client.addWatch(root, third.watch);
      await handles[0]!.remove();
      await handles[1]!.remove();
      await client.setData(root, 'x');
      await client.sync(root);
      expect([first, second, third].map(({ events }) => events.length)).toEqual([0, 0, 1]);
    });

    itStays('are told when their session is lost, last', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const { events, watch } = recorder();
      await client.addWatch(root, watch, { recursive: true });
      const { id, password } = client.session!;
      await bench.ensemble.expireSession(id, password);
      await bench.waitFor('a new session', () => client.session?.generation === 2);
      await client.setData(root, 'unseen');
      await client.sync(root);
      expect(events).toEqual([{ type: 'session-lost', path: root }]);
    });

    itStays('are armed again by the thousand without a request over the limit', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      const { events, watch } = recorder();
      const filler = 'x'.repeat(200);
      const paths = Array.from({ length: 6_000 }, (_, index) => `${root}/${filler}-${index}`);
      await inChunks(paths, (path) => client.addWatch(path, watch));
      const states: string[] = [];
      client.on('state', ({ state }) => states.push(state));
      link.dropConnections();
      await bench.waitFor('the client to be back', () => states.includes('connected'));
      for (const path of [paths[0]!, paths.at(-1)!]) await client.create(path);
      await bench.waitFor('both events', () => events.length === 2);
      expect(states).toEqual(['suspended', 'connected']);
    });
  });
}
