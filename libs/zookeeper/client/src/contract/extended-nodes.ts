/** What later servers know of nodes: stat with the creation, containers, TTLs, several reads of one moment. */
import { expect, it } from 'vitest';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { contractGroup, itNeeds, outcomeOf, type ContractSetup } from './setup.js';

export function extendedNodesContract(setup: ContractSetup): void {
  contractGroup(setup, 'extended nodes', 1, (bench) => {
    itNeeds(setup, 'create-stat', 'answers a creation with the stat of the node', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const made = await client.create(`${root}/n-`, 'abc', { mode: CreateMode.ephemeralSequential });
      expect(made.stat).toEqual(await client.exists(made.path));
      expect(made.stat).toMatchObject({ version: 0, dataLength: 3, ephemeralOwner: client.session!.id });
    });

    itNeeds(setup, 'container-and-ttl', 'makes containers and nodes with a TTL, alone and in a multi', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const container = await client.create(`${root}/container`, '', { mode: CreateMode.container });
      const ttl = { mode: CreateMode.persistentWithTtl, ttlMs: 3_600_000 } as const;
      const kept = await client.create(`${root}/ttl`, 'x', ttl);
      const numbered = await client.create(`${root}/ttl-`, 'x', {
        mode: CreateMode.persistentSequentialWithTtl,
        ttlMs: 3_600_000,
      });
      expect([container.path, kept.path, numbered.path]).toEqual(
        ['container', 'ttl', 'ttl-0000000002'].map((name) => `${root}/${name}`),
      );
      const results = await client.multi([
        { kind: 'create', path: `${root}/container-2`, mode: CreateMode.container },
        { kind: 'create', path: `${root}/ttl-2`, ...ttl },
      ]);
      // Inside of a multi servers give the stat of these only, and of no ordinary node.
      expect(results).toEqual([
        { kind: 'create', path: `${root}/container-2`, stat: await client.exists(`${root}/container-2`) },
        { kind: 'create', path: `${root}/ttl-2`, stat: await client.exists(`${root}/ttl-2`) },
      ]);
      expect((await client.getChildren(root)).children).toHaveLength(5);
      const refused = await outcomeOf(client.create(`${root}/never`, '', { mode: CreateMode.persistentWithTtl }));
      expect(refused).toMatchObject({ code: 'ZK_INVALID_ARGUMENT' });
    });

    itNeeds(setup, 'container-and-ttl', 'makes containers that go with their last child, by the server', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      await client.create(`${root}/box`, '', { mode: CreateMode.container });
      await client.create(`${root}/box/child`);
      const gone: unknown[] = [];
      await client.exists(`${root}/box`, { watch: (event) => gone.push(event) });
      await client.delete(`${root}/box/child`);
      await bench.waitFor('the container to go', async () => (await client.exists(`${root}/box`)) === null);
      expect(gone).toEqual([{ type: 'deleted', path: `${root}/box` }]);
    });

    it('refuses what its driver can not do before anything is sent', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const attempts = {
        'container-and-ttl': client.create(`${root}/c`, '', { mode: CreateMode.container }),
        'multi-read': client.multiRead([{ kind: 'get-data', path: root }]),
        'persistent-watches': client.addWatch(root, () => undefined),
        inquiries: client.getAllChildrenNumber(root),
      } as const;
      for (const [feature, attempt] of Object.entries(attempts)) {
        const outcome = await outcomeOf<unknown>(attempt);
        if (bench.driver.features.has(feature as keyof typeof attempts)) expect(outcome).not.toBeInstanceOf(Error);
        else expect(outcome).toMatchObject({ code: 'ZK_UNIMPLEMENTED', outcome: 'not-done', retryable: false });
      }
    });

    itNeeds(setup, 'multi-read', 'reads several nodes of one moment, each with its own result', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      await client.create(`${root}/a`, 'one');
      const results = await client.multiRead([
        { kind: 'get-data', path: `${root}/a` },
        { kind: 'get-children', path: root },
        { kind: 'get-data', path: `${root}/absent` },
      ]);
      expect(results).toMatchObject([
        { kind: 'get-data', stat: { version: 0 } },
        { kind: 'get-children', children: ['a'] },
        { kind: 'error', error: { code: 'ZK_NO_NODE', path: `${root}/absent` } },
      ]);
      expect(results[0]).toMatchObject({ data: Buffer.from('one') });
    });

    it('rejects a reply over the limit with a word of its own, once, and goes on', async () => {
      const client = await bench.connect({ maxReplyBytes: 10_000 });
      const root = await bench.root(client);
      await client.create(`${root}/large`, Buffer.alloc(20_000));
      if (bench.driver.features.has('create-stat')) {
        const error = await outcomeOf(client.getData(`${root}/large`));
        expect(error).toMatchObject({ code: 'ZK_TOO_LARGE', outcome: 'not-done', retryable: false });
      }
      expect(await client.exists(root)).not.toBeNull();
    });
  });
}
