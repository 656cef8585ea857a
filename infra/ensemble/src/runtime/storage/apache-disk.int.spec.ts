/** One data directory, two makes of server in turn: each starts on what the other left, stopped in order or killed. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateMode, digestId, Perms, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { allocatePorts, apacheAvailable, fourLetterWord, TestServer, type Engine } from '@menagerie/zookeeper-testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scratchDirectory } from '../__fixtures__/disk.js';

const apache = apacheAvailable();

/** Small, so that each stay of a server leaves snapshots and several logs behind. */
const SNAP_COUNT = 60;
const WRITES_PER_STAY = 130;

interface Directory {
  serve(engine: Engine): Promise<{ server: TestServer; client: ZooKeeperClient }>;
  readonly path: string;
}

async function directory(): Promise<Directory> {
  const path = scratchDirectory();
  const [client, quorum, election] = (await allocatePorts(3)) as [number, number, number];
  const configPath = join(path, 'zoo.cfg');
  writeFileSync(
    configPath,
    [
      `dataDir=${path}`,
      'tickTime=500',
      `clientPort=${client}`,
      'clientPortAddress=127.0.0.1',
      `snapCount=${SNAP_COUNT}`,
      'preAllocSize=64',
      'admin.enableServer=false',
      '4lw.commands.whitelist=*',
    ].join('\n'),
  );
  const ports = { client, quorum, election };
  return {
    path,
    async serve(engine) {
      const server = new TestServer({ id: 1, engine, ports, dataDir: path, configPath, random: () => 0.5 });
      onTestFinished(() => server.end('SIGKILL'));
      server.launch();
      await server.serving();
      const zooKeeper = await ZooKeeper.connect({ connect: server.address, sessionTimeoutMs: 5000 });
      onTestFinished(async () => void (await zooKeeper[Symbol.asyncDispose]()));
      return { server, client: zooKeeper };
    },
  };
}

/** Everything below a node, with everything that is kept of it. */
async function treeOf(client: ZooKeeperClient, path: string): Promise<Record<string, unknown>> {
  const { data, stat } = await client.getData(path);
  const { acl } = await client.getAcl(path);
  const { children } = await client.getChildren(path);
  const tree: Record<string, unknown> = { [path]: { data: data.toString('hex'), stat, acl } };
  for (const child of [...children].sort()) Object.assign(tree, await treeOf(client, `${path}/${child}`));
  return tree;
}

/** A bit of every kind of transaction. */
async function write(client: ZooKeeperClient, stay: number): Promise<void> {
  const root = `/stay-${stay}`;
  const all = { perms: Perms.ALL, id: { scheme: 'world', id: 'anyone' } };
  await client.create(root, 'a stay');
  await client.create(`${root}/secret`, Buffer.from([0, 255, 128]), {
    acl: [all, { perms: Perms.READ, id: digestId('ann:pw') }],
  });
  await client.create(`${root}/ephemeral`, 'gone with its session', { mode: CreateMode.ephemeral });
  await client.create(`${root}/ümläut-名前`, '');
  await client.multi([
    { kind: 'create', path: `${root}/multi`, data: 'one' },
    { kind: 'set-data', path: `${root}/multi`, data: 'two' },
    { kind: 'check', path: root, version: 0 },
  ]);
  for (let i = 0; i < WRITES_PER_STAY; i++) {
    const { path } = await client.create(`${root}/n-`, `${i}`, { mode: CreateMode.persistentSequential });
    if (i % 3 === 0) await client.setData(path, Buffer.alloc(i, i));
    if (i % 5 === 0) await client.delete(path);
  }
  await client.setAcl(`${root}/multi`, [all]);
  await client.setData('/stay-1', `touched by ${stay}`);
}

const logged = (path: string) => readdirSync(join(path, 'version-2')).filter((name) => name.startsWith('snapshot.'));

describe('a data directory', () => {
  const stays: [engine: Engine, end: 'SIGTERM' | 'SIGKILL'][] = [
    ['apache', 'SIGTERM'],
    ['menagerie', 'SIGKILL'],
    ['apache', 'SIGKILL'],
    ['menagerie', 'SIGTERM'],
    ['apache', 'SIGTERM'],
    ['menagerie', 'SIGTERM'],
  ];

  it.skipIf(!apache.available)(
    `goes from Apache to ours and back, after a stop and after kill -9, and nothing is lost ${apache.reason}`,
    async () => {
      const disk = await directory();
      const trees: Record<string, unknown> = {};
      for (const [index, [engine, end]] of stays.entries()) {
        const stay = index + 1;
        const { server, client } = await disk.serve(engine);
        for (const [path, tree] of Object.entries(trees)) {
          expect(await treeOf(client, path), `${path} as ${engine} has it in stay ${stay}`).toEqual(tree);
        }
        await write(client, stay);
        // The ephemeral node belongs to a session that ends with the client: it is not compared.
        await client.delete(`/stay-${stay}/ephemeral`);
        for (const path of ['/stay-1', `/stay-${stay}`]) trees[path] = await treeOf(client, path);
        expect(await fourLetterWord(server.host, server.clientPort, 'mntr')).toMatch(/zk_digest_mismatches_count\t0\n/);
        await server.end(end);
        expect(logged(disk.path).length, 'snapshots were taken').toBeGreaterThan(stay);
      }
    },
  );
});
