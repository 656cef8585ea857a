/** Watches: one-shot callbacks, and nodes followed for as long as somebody listens. */
import { expect, it } from 'vitest';
import type { Snapshot, WatchEvent, ZooKeeperClient } from '../api.js';
import { digestId } from '../digest-id.js';
import { isNoAuth } from '../errors.js';
import { contractGroup, inChunks, outcomeOf, type ContractSetup } from './setup.js';

/** Collects what watch callbacks are told. */
function recorder(): { readonly events: WatchEvent[]; readonly watch: (event: WatchEvent) => void } {
  const events: WatchEvent[] = [];
  return { events, watch: (event) => events.push(event) };
}

/** Follows a node by hand; each `next` is the next snapshot, never the end. */
function follow(client: ZooKeeperClient, path: string, kind: 'data' | 'children' | 'exists') {
  const iterator = client.watch(path, { kind })[Symbol.asyncIterator]();
  return {
    async next(): Promise<Snapshot> {
      const result = await iterator.next();
      if (result.done) throw new Error('expected a snapshot, the iteration ended');
      return result.value;
    },
    end: async (): Promise<void> => void (await iterator.return?.()),
  };
}

export function watchesContract(setup: ContractSetup): void {
  contractGroup(setup, 'one-shot watches', 1, (bench) => {
    it('tells of a change of the data, once', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const { events, watch } = recorder();
      await client.getData(root, { watch });
      await client.setData(root, '1');
      await client.setData(root, '2');
      await client.sync(root);
      expect(events).toEqual([{ type: 'data-changed', path: root }]);
    });

    it('tells whoever asked whether a node exists of its creation, change or deletion', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const path = `${root}/node`;
      const { events, watch } = recorder();
      expect(await client.exists(path, { watch })).toBeNull();
      await client.create(path);
      await client.exists(path, { watch });
      await client.setData(path, 'x');
      await client.exists(path, { watch });
      await client.delete(path);
      await client.sync(root);
      expect(events.map(({ type }) => type)).toEqual(['created', 'data-changed', 'deleted']);
    });

    it('tells of children that come and go, and of the end of the node itself', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const { events, watch } = recorder();
      await client.getChildren(root, { watch });
      await client.create(`${root}/a`);
      await client.getChildren(root, { watch });
      await client.delete(`${root}/a`);
      await client.getChildren(root, { watch });
      await client.setData(root, 'no change of the children');
      await client.delete(root);
      await client.sync('/');
      expect(events).toEqual([
        { type: 'children-changed', path: root },
        { type: 'children-changed', path: root },
        { type: 'deleted', path: root },
      ]);
    });

    it('tells each of several watchers of one node, and one watcher of several kinds', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const [first, second] = [recorder(), recorder()];
      await client.getData(root, { watch: first.watch });
      await client.getData(root, { watch: second.watch });
      await client.getChildren(root, { watch: second.watch });
      await client.delete(root);
      await client.sync('/');
      expect(first.events).toEqual([{ type: 'deleted', path: root }]);
      expect(second.events).toEqual([
        { type: 'deleted', path: root },
        { type: 'deleted', path: root },
      ]);
    });

    it('leaves no watch behind a read that failed', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const { events, watch } = recorder();
      await outcomeOf(client.getData(`${root}/node`, { watch }));
      await outcomeOf(client.getChildren(`${root}/node`, { watch }));
      await client.create(`${root}/node`);
      await client.create(`${root}/node/child`);
      await client.sync(root);
      expect(events).toEqual([]);
    });

    it('calls the watcher after the read that set it and before any read that sees the change', async () => {
      const [client, writer] = await Promise.all([bench.connect(), bench.connect()]);
      const root = await bench.root(client);
      const order: string[] = [];
      const reading = client.getData(root, { watch: () => order.push('event') }).then(() => order.push('first read'));
      await reading;
      const version = bench.waitFor('the change to be seen', async () => {
        const { stat } = await client.getData(root);
        if (stat.version > 0) order.push('read of the change');
        return stat.version > 0;
      });
      await writer.setData(root, 'x');
      await version;
      expect(order).toEqual(['first read', 'event', 'read of the change']);
    });

    it('keeps its watches over a reconnect, also for what happened meanwhile', async () => {
      const link = await bench.link();
      const [client, writer] = await Promise.all([bench.connect({ connect: link.address }), bench.connect()]);
      const root = await bench.root(client);
      await Promise.all(['data', 'list', 'gone', 'quiet'].map((name) => client.create(`${root}/${name}`)));
      const { events, watch } = recorder();
      await client.getData(`${root}/data`, { watch });
      await client.getChildren(`${root}/list`, { watch });
      await client.getData(`${root}/gone`, { watch });
      await client.exists(`${root}/coming`, { watch });
      await client.getData(`${root}/quiet`, { watch });

      link.cut();
      await bench.waitForState(client, 'suspended');
      await writer.setData(`${root}/data`, 'x');
      await writer.create(`${root}/list/child`);
      await writer.delete(`${root}/gone`);
      await writer.create(`${root}/coming`);
      link.heal();
      await bench.waitFor('the four events', () => events.length >= 4);
      await writer.setData(`${root}/quiet`, 'x');
      await bench.waitFor('the fifth event', () => events.length >= 5);
      expect(events.map(({ type, path }) => `${type} ${path.slice(root.length)}`).sort()).toEqual([
        'children-changed /list',
        'created /coming',
        'data-changed /data',
        'data-changed /quiet',
        'deleted /gone',
      ]);
    });

    it('arms thousands of watches again without a request over the limit', async () => {
      const link = await bench.link();
      const [client, writer] = await Promise.all([bench.connect({ connect: link.address }), bench.connect()]);
      const root = await bench.root(client);
      const filler = 'x'.repeat(200);
      const paths = Array.from({ length: 6_000 }, (_, index) => `${root}/${filler}-${index}`);
      const { events, watch } = recorder();
      await inChunks(paths, (path) => client.exists(path, { watch }));
      const states: string[] = [];
      client.on('state', ({ state }) => states.push(state));
      link.dropConnections();
      await bench.waitFor('the client to be back', () => states.includes('connected'));
      for (const path of [paths[0]!, paths.at(-1)!]) await writer.create(path);
      await bench.waitFor('both events', () => events.length === 2);
      expect(states).toEqual(['suspended', 'connected']);
    });

    it('tells every watcher that waits when its session is lost', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const { events, watch } = recorder();
      await client.getData(root, { watch });
      await client.exists(`${root}/absent`, { watch });
      const { id, password } = client.session!;
      await bench.ensemble.expireSession(id, password);
      await bench.waitFor('the watchers to be told', () => events.length === 2);
      expect(events.map(({ type }) => type)).toEqual(['session-lost', 'session-lost']);
    });
  });

  contractGroup(setup, 'followed nodes', 1, (bench) => {
    it('shows the node as it is, and then each change, over deletion and creation', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const path = `${root}/node`;
      const node = follow(client, path, 'data');
      expect(await node.next()).toMatchObject({ cause: 'start', stat: null, data: null, children: null });
      await client.create(path, '1');
      expect(await node.next()).toMatchObject({
        cause: 'event',
        event: { type: 'created', path },
        stat: { version: 0 },
      });
      await client.setData(path, '2');
      const changed = await node.next();
      expect([changed.event?.type, changed.data?.toString()]).toEqual(['data-changed', '2']);
      await client.delete(path);
      expect(await node.next()).toMatchObject({ event: { type: 'deleted' }, stat: null });
      await node.end();
    });

    it('shows the children of a node, also of one that comes later', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const node = follow(client, `${root}/list`, 'children');
      expect((await node.next()).children).toBeNull();
      await client.create(`${root}/list`);
      expect((await node.next()).children).toEqual([]);
      await client.create(`${root}/list/a`);
      expect((await node.next()).children).toEqual(['a']);
      await client.delete(`${root}/list/a`);
      expect((await node.next()).children).toEqual([]);
      await node.end();
    });

    it('collapses what happens while nobody asks into one snapshot of the latest', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const node = follow(client, root, 'data');
      await node.next();
      for (const value of ['1', '2', '3']) await client.setData(root, value);
      expect((await node.next()).data?.toString()).toBe('3');
      await client.setData(root, '4');
      expect((await node.next()).data?.toString()).toBe('4');
      await node.end();
    });

    it('reads again after a reconnect and says nothing if nothing has changed', async () => {
      const link = await bench.link();
      const [client, writer] = await Promise.all([bench.connect({ connect: link.address }), bench.connect()]);
      const root = await bench.root(client);
      const [changing, quiet] = [follow(client, `${root}/node`, 'exists'), follow(client, root, 'data')];
      await Promise.all([changing.next(), quiet.next()]);
      link.cut();
      await bench.waitForState(client, 'suspended');
      // Made and unmade and made again: of this no watch tells more than that the node is there now.
      await writer.create(`${root}/node`);
      await writer.delete(`${root}/node`);
      await writer.create(`${root}/node`);
      link.heal();
      expect((await changing.next()).stat).toMatchObject({ version: 0 });
      await writer.setData(root, 'x');
      expect((await quiet.next()).data?.toString()).toBe('x');
      await Promise.all([changing.end(), quiet.end()]);
    });

    it('reads again in a new session, whether or not anything has changed', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const node = follow(client, root, 'data');
      expect(await node.next()).toMatchObject({ generation: 1, cause: 'start' });
      const { id, password } = client.session!;
      await bench.ensemble.expireSession(id, password);
      expect(await node.next()).toMatchObject({ generation: 2, cause: 'session' });
      await client.setData(root, 'x');
      expect((await node.next()).data?.toString()).toBe('x');
      await node.end();
    });

    it('shows the last value after the server was killed and came back', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const node = follow(client, root, 'data');
      await node.next();
      await bench.ensemble.kill(1);
      await bench.waitForState(client, 'suspended');
      await bench.ensemble.start(1);
      const writer = await bench.connect();
      await writer.setData(root, 'after the restart');
      await bench.waitFor('the last value', async () => (await node.next()).data?.toString() === 'after the restart');
      await node.end();
    });

    it('ends quietly on its signal, on return while it waits, and when the client is closed', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const controller = new AbortController();
      const seen: Snapshot[] = [];
      for await (const snapshot of client.watch(root, { kind: 'data', signal: controller.signal })) {
        seen.push(snapshot);
        controller.abort();
      }
      expect(seen).toHaveLength(1);

      const returned = client.watch(root, { kind: 'data' })[Symbol.asyncIterator]();
      await returned.next();
      const waiting = returned.next();
      await returned.return?.();
      expect(await waiting).toEqual({ done: true, value: undefined });

      const open = client.watch(root, { kind: 'data' })[Symbol.asyncIterator]();
      await open.next();
      const last = open.next();
      await client.close();
      expect(await last).toEqual({ done: true, value: undefined });
    });

    it('throws what a read throws for good', async () => {
      const [owner, stranger] = await Promise.all([bench.connect(), bench.connect()]);
      const root = await bench.root(owner);
      await owner.create(`${root}/private`, '', { acl: [{ perms: 31, id: digestId('owner:x') }] });
      const iterator = stranger.watch(`${root}/private`, { kind: 'data' })[Symbol.asyncIterator]();
      expect(isNoAuth(await outcomeOf(iterator.next()))).toBe(true);
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });
  });
}
