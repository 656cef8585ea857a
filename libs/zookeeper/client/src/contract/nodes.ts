/** Nodes: made, read, changed, deleted, listed, and refused. */
import { expect, it } from 'vitest';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import type { WatchEvent } from '../api.js';
import { isBadVersion, isNoNode, isNodeExists, isNotEmpty, isZooKeeperError, type ZooKeeperError } from '../errors.js';
import { contractGroup, outcomeOf, type ContractSetup } from './setup.js';

export function nodesContract(setup: ContractSetup): void {
  contractGroup(setup, 'nodes', 1, (bench) => {
    it('creates, reads, changes and deletes a node', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const path = `${root}/node`;

      expect((await client.create(path, 'one')).path).toBe(path);
      const first = await client.getData(path);
      expect(first.data.toString()).toBe('one');
      expect(first.stat).toMatchObject({ version: 0, aversion: 0, ephemeralOwner: 0n, dataLength: 3, numChildren: 0 });
      expect(first.stat.czxid).toBe(first.stat.mzxid);

      const changed = await client.setData(path, 'three', { version: 0 });
      expect(changed).toMatchObject({ version: 1, dataLength: 5, czxid: first.stat.czxid });
      expect(changed.mzxid).toBeGreaterThan(first.stat.mzxid);
      expect(await client.exists(path)).toEqual(changed);

      await client.delete(path, { version: 1 });
      expect(await client.exists(path)).toBeNull();
    });

    it.each([
      ['a string as UTF-8', 'grüße', Buffer.from('grüße', 'utf8')],
      ['a Buffer', Buffer.from([0, 1, 255]), Buffer.from([0, 1, 255])],
      ['a Uint8Array', new Uint8Array([7, 0, 9]), Buffer.from([7, 0, 9])],
      ['nothing', '', Buffer.alloc(0)],
      ['nearly as much as a server takes', Buffer.alloc(1_000_000, 'x'), Buffer.alloc(1_000_000, 'x')],
    ])('keeps %s byte for byte', async (_what, data, expected) => {
      const client = await bench.connect();
      const root = await bench.root(client);
      await client.create(`${root}/node`, data);
      const read = await client.getData(`${root}/node`);
      expect(read.data.equals(expected)).toBe(true);
    });

    it('sends the data as they were when the call was made', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const data = Buffer.from('before');
      const created = client.create(`${root}/node`, data);
      data.fill('x');
      await created;
      expect((await client.getData(`${root}/node`)).data.toString()).toBe('before');
    });

    it('lists children with the stat of their parent', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      await Promise.all(['b', 'a', 'c'].map((name) => client.create(`${root}/${name}`)));
      const { children, stat } = await client.getChildren(root);
      expect([...children].sort()).toEqual(['a', 'b', 'c']);
      expect(stat).toMatchObject({ numChildren: 3, cversion: 3 });
    });

    it('answers in order to many calls under way at once', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const finished: number[] = [];
      const indexes = Array.from({ length: 3_000 }, (_, index) => index);
      await Promise.all(
        // A NoNode is the shortest reply there is: thousands of them fit into one chunk of the socket.
        indexes.map((index) => client.exists(`${root}/absent-${index}`).then(() => finished.push(index))),
      );
      expect(finished).toEqual(indexes);
    });

    it('numbers sequential nodes upwards, also those with nothing but a number', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const made = [
        await client.create(`${root}/job-`, '', { mode: CreateMode.persistentSequential }),
        await client.create(`${root}/job-`, '', { mode: CreateMode.ephemeralSequential }),
        await client.create(`${root}/`, '', { mode: CreateMode.persistentSequential }),
      ];
      expect(made.map(({ path }) => path)).toEqual([
        `${root}/job-0000000000`,
        `${root}/job-0000000001`,
        `${root}/0000000002`,
      ]);
    });

    it('says for each refusal which it was, and that nothing was done', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      await client.create(`${root}/parent/child`).catch((error: unknown) => expect(isNoNode(error)).toBe(true));
      await client.create(`${root}/parent`);
      await client.create(`${root}/parent/child`);
      await client.create(`${root}/ephemeral`, '', { mode: CreateMode.ephemeral });

      const refusals: unknown[] = await Promise.all([
        outcomeOf(client.getData(`${root}/absent`)),
        outcomeOf(client.create(`${root}/parent`)),
        outcomeOf(client.setData(`${root}/parent`, 'x', { version: 7 })),
        outcomeOf(client.delete(`${root}/parent`)),
        outcomeOf(client.create(`${root}/ephemeral/child`)),
        outcomeOf(client.setAcl(root, [{ perms: 31, id: { scheme: 'nonsense', id: 'x' } }])),
      ]);
      expect(refusals.map((error) => isZooKeeperError(error) && error.code)).toEqual([
        'ZK_NO_NODE',
        'ZK_NODE_EXISTS',
        'ZK_BAD_VERSION',
        'ZK_NOT_EMPTY',
        'ZK_NO_CHILDREN_FOR_EPHEMERALS',
        'ZK_INVALID_ACL',
      ]);
      expect([isNoNode, isNodeExists, isBadVersion, isNotEmpty].map((is, index) => is(refusals[index]))).toEqual(
        new Array(4).fill(true),
      );
      for (const error of refusals as ZooKeeperError[]) {
        expect(error).toMatchObject({ outcome: 'not-done', retryable: false });
        expect(error.wireCode).toBeLessThan(-100);
        expect(error.path).toMatch(new RegExp(`^${root}`));
        expect(error.message).toContain(String(error.wireCode));
      }
    });

    it.each([
      ['a relative path', 'a/b'],
      ['an empty path', ''],
      ['an empty name', '/a//b'],
      ['a dot name', '/a/../b'],
      ['a trailing slash', '/a/'],
      ['a control character', '/a\u0001'],
    ])('refuses %s before sending it', async (_what, path) => {
      const client = await bench.connect();
      await expect(client.create(path)).rejects.toMatchObject({ code: 'ZK_INVALID_PATH', outcome: 'not-done', path });
      expect(client.state).toBe('connected');
    });

    it('refuses a request over the limit itself, because the server would hang up', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const data = Buffer.alloc(1024 * 1024);
      await expect(client.create(`${root}/large`, data)).rejects.toMatchObject({ code: 'ZK_TOO_LARGE' });
      const half = data.subarray(0, 600_000);
      const ops = [1, 2].map((n) => ({ kind: 'create' as const, path: `${root}/${n}`, data: half }));
      await expect(client.multi(ops)).rejects.toMatchObject({ code: 'ZK_TOO_LARGE' });
      expect(await client.exists(`${root}/large`)).toBeNull();
    });

    it('makes a node with all that is missing above it, as often as asked', async () => {
      const [client, other] = await Promise.all([bench.connect(), bench.connect()]);
      const root = await bench.root(client);
      await Promise.all([client, other, client, other].map((each) => each.mkdirp(`${root}/a/b/c`)));
      await client.mkdirp(`${root}/a/b/c`);
      expect((await client.getChildren(`${root}/a/b`)).children).toEqual(['c']);
      await client.mkdirp('/');
    });

    it('sees after a sync what another client wrote before', async () => {
      const [writer, reader] = await Promise.all([bench.connect(), bench.connect()]);
      const root = await bench.root(writer);
      await writer.setData(root, 'new');
      await reader.sync(root);
      expect((await reader.getData(root)).data.toString()).toBe('new');
    });

    it('keeps a chroot out of every path it is given and gives', async () => {
      const outside = await bench.connect();
      const root = await bench.root(outside);
      const inside = await bench.connect({ connect: `${bench.ensemble.connectString}${root}` });

      expect((await inside.create('/a', 'x')).path).toBe('/a');
      expect(await outside.exists(`${root}/a`)).not.toBeNull();
      expect((await inside.getChildren('/')).children).toEqual(['a']);
      const numbered = await inside.create('/s-', '', { mode: CreateMode.persistentSequential });
      expect(numbered.path).toBe('/s-0000000001');
      const results = await inside.multi([{ kind: 'create', path: '/m' }]);
      expect(results).toEqual([{ kind: 'create', path: '/m' }]);
      await expect(inside.getData('/absent')).rejects.toMatchObject({ path: '/absent' });
      const events: WatchEvent[] = [];
      await inside.getData('/a', { watch: (event) => events.push(event) });
      await outside.setData(`${root}/a`, 'y');
      await bench.waitFor('the event', () => events.length > 0);
      expect(events).toEqual([{ type: 'data-changed', path: '/a' }]);
    });

    it('does not make the chroot by itself, but on request', async () => {
      const outside = await bench.connect();
      const root = await bench.root(outside);
      const inside = await bench.connect({ connect: `${bench.ensemble.connectString}${root}/not/yet` });
      await expect(inside.create('/a')).rejects.toMatchObject({ code: 'ZK_NO_NODE' });
      await inside.mkdirp('/');
      await inside.create('/a');
      expect(await outside.exists(`${root}/not/yet/a`)).not.toBeNull();
    });
  });
}
