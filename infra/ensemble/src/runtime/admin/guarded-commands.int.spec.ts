/** snapshot, restore and shed_connections: who may, how often, and what becomes of what is sent. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { CreateMode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { Perms } from '@menagerie/zookeeper-protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configs, embed, embedAll, until, type EmbeddedServer } from '../__fixtures__/servers.js';

const OPERATOR = 'operator:pw';
const OPERATOR_ID = `operator:${createHash('sha1').update(OPERATOR).digest('base64')}`;
const AUTHORIZATION = { authorization: `digest ${OPERATOR}` };

async function clientOf({ server }: EmbeddedServer): Promise<ZooKeeperClient> {
  const client = await ZooKeeper.connect({ connect: `127.0.0.1:${server.clientPort}`, sessionTimeoutMs: 4000 });
  onTestFinished(async () => void (await client[Symbol.asyncDispose]()));
  return client;
}

const url = ({ config }: EmbeddedServer, command: string): string =>
  `http://127.0.0.1:${config.admin.address.port}/commands/${command}`;

const post = (
  of: EmbeddedServer,
  command: string,
  body: string | Buffer,
  headers: Record<string, string> = AUTHORIZATION,
) => fetch(url(of, command), { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) });

async function alone(lines: readonly string[] = []): Promise<EmbeddedServer> {
  const [config] = await configs(1, lines);
  return embed(config!);
}

const errorOf = async (response: Response): Promise<[number, unknown]> => [
  response.status,
  ((await response.json()) as { error: unknown }).error,
];

describe('commands for operators only', () => {
  it('are for who may do everything at the root, by a scheme that clients use', async () => {
    const one = await alone();
    const client = await clientOf(one);
    await client.setAcl('/', [
      { perms: Perms.ALL, id: { scheme: 'digest', id: OPERATOR_ID } },
      { perms: Perms.READ, id: { scheme: 'world', id: 'anyone' } },
      { perms: Perms.ALL & ~Perms.ADMIN, id: { scheme: 'ip', id: '127.0.0.1' } },
    ]);
    const ask = async (authorization?: string): Promise<[number, unknown]> =>
      errorOf(await fetch(url(one, 'snapshot?streaming=false'), authorization ? { headers: { authorization } } : {}));
    expect(await ask()).toEqual([401, 'Auth info is missing for the command']);
    expect(await ask('digest')).toEqual([401, 'Not authenticated']);
    expect(await ask('nonsense x')).toEqual([401, 'Not authenticated']);
    expect(await ask('digest a b')).toEqual([401, 'Not authenticated']);
    expect(await ask('x509')).toEqual([401, 'Not authenticated']);
    expect(await ask('digest somebody:else')).toEqual([403, 'Not authorized']);
    expect(await ask('ip')).toEqual([403, 'Not authorized']);
    expect(await ask(`digest ${OPERATOR}`)).toEqual([200, null]);
    expect(
      JSON.stringify(one.log.lines, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain(OPERATOR);
  });

  it('are done once in an interval, and not at all when switched off', async () => {
    const one = await alone(['admin.rateLimiterIntervalInMS=60000']);
    expect((await fetch(url(one, 'snapshot'), { headers: AUTHORIZATION })).status).toBe(200);
    expect((await fetch(url(one, 'snap'), { headers: AUTHORIZATION })).status).toBe(429);
    expect((await post(one, 'restore', 'no snapshot')).status).toBe(500);
    expect((await post(one, 'rest', 'no snapshot')).status).toBe(429);
    const metrics = await (await fetch(url(one, '../metrics'))).text();
    expect(metrics).toContain('snapshot_rate_limited_count 1\n');
    expect(metrics).toContain('restore_rate_limited_count 1\n');
    expect(metrics).toContain('restore_error_count 1\n');
    const off = await alone(['admin.snapshot.enabled=false', 'admin.restore.enabled=false']);
    expect((await fetch(url(off, 'snapshot'), { headers: AUTHORIZATION })).status).toBe(503);
    expect((await post(off, 'restore', 'x')).status).toBe(503);
  });
});

describe('shed_connections', () => {
  it('closes connections, whose sessions go on elsewhere or here', async () => {
    const one = await alone();
    const client = await clientOf(one);
    await client.create('/e', 'x', { mode: CreateMode.ephemeral });
    const { id } = client.session!;
    const before = one.server.describe();
    expect(await (await post(one, 'shed', '{"percentage":100}')).json()).toEqual({
      connections_shed: 1,
      percentage_requested: 100,
      command: 'shed_connections',
      error: null,
    });
    expect(await client.exists('/e')).not.toBeNull();
    expect(client.session!.id).toBe(id);
    expect(before.phase).toBe('broadcast');
    expect(await (await post(one, 'shed', '{"percentage":0}')).json()).toMatchObject({ connections_shed: 0 });
  });

  it.each([
    ['', /^Invalid JSON/],
    ['{', /^Invalid JSON/],
    ['{}', /^Missing required field: percentage$/],
    ['{"percentage":101}', /^Percentage must be/],
    ['{"percentage":-1}', /^Percentage must be/],
    ['{"percentage":"50"}', /^Percentage must be/],
    [`{"percentage":50${' '.repeat(5000)}}`, /^expected at most 4096 bytes$/],
  ])('refuses the body %j', async (body, problem) => {
    const one = await alone();
    const [status, error] = await errorOf(await post(one, 'shed', body));
    expect(status).toBe(400);
    expect(error).toMatch(problem);
  });
});

describe('snapshot and restore', () => {
  it('take a server back to what it held, durably, and end the sessions that were not there', async () => {
    const [config] = await configs(1, ['admin.rateLimiterIntervalInMS=0']);
    const one = await embed(config!);
    const client = await clientOf(one);
    await client.create('/kept', 'then');
    const taken = await fetch(url(one, 'snapshot'), { headers: AUTHORIZATION });
    const snapshot = Buffer.from(await taken.arrayBuffer());
    expect(taken.headers.get('last_zxid')).toMatch(/^0x[0-9a-f]+$/);
    expect(Number(taken.headers.get('snapshot_size'))).toBe(snapshot.length);
    await client.setData('/kept', 'now');
    await client.create('/later', 'x');
    const zxidBefore = one.server.state.zxid;

    const restored = await post(one, 'restore', snapshot);
    expect(await restored.json()).toMatchObject({ command: 'restore', error: null });
    await until('it serves again', () => one.server.describe().phase === 'broadcast');
    const again = await clientOf(one);
    expect((await again.getData('/kept')).data.toString()).toBe('then');
    expect(await again.exists('/later')).toBeNull();
    expect(one.server.state.zxid).toBeGreaterThan(zxidBefore);
    await again.create('/after', 'x');
    await one.server.close();

    const { server } = await embed(config!);
    expect(server.describe().phase).toBe('broadcast');
    const last = await clientOf({ ...one, server });
    expect([...(await last.getChildren('/')).children].sort()).toEqual(['after', 'kept', 'zookeeper']);
  });

  it('leave everything as it was when what comes is no snapshot, or a damaged one, or breaks off', async () => {
    const one = await alone(['admin.rateLimiterIntervalInMS=0']);
    const client = await clientOf(one);
    await client.create('/kept', 'x');
    const snapshot = Buffer.from(await (await fetch(url(one, 'snapshot'), { headers: AUTHORIZATION })).arrayBuffer());
    const { treeDigest } = one.server.state;
    const damaged = Buffer.from(snapshot);
    damaged[snapshot.length >> 1]! ^= 1;
    for (const bad of [Buffer.from('garbage'), Buffer.alloc(0), snapshot.subarray(0, -20), damaged]) {
      expect((await post(one, 'restore', bad)).status).toBe(500);
    }
    await brokenOff(one, snapshot);
    expect(one.server.state.treeDigest).toBe(treeDigest);
    expect(one.server.describe().phase).toBe('broadcast');
    expect(await client.exists('/kept')).not.toBeNull();
  });

  it('take three servers back, one after the other', async () => {
    const three = await embedAll(await configs(3, ['admin.rateLimiterIntervalInMS=0']));
    const client = await clientOf(three[0]!);
    await client.create('/kept', 'then');
    const snapshot = Buffer.from(
      await (await fetch(url(three[0]!, 'snapshot'), { headers: AUTHORIZATION })).arrayBuffer(),
    );
    await client.setData('/kept', 'now');
    await client.close();
    await until('all have it', () => new Set(three.map(({ server }) => server.state.treeDigest)).size === 1);
    for (const one of three) {
      expect((await post(one, 'restore', snapshot)).status).toBe(200);
      await until('all serve', () => three.every(({ server }) => server.describe().phase === 'broadcast'));
    }
    const again = await clientOf(three[1]!);
    expect((await again.getData('/kept')).data.toString()).toBe('then');
    await again.setData('/kept', 'on');
    const digests = (): Set<bigint> => new Set(three.map(({ server }) => server.state.treeDigest));
    await until('all agree', () => digests().size === 1);
    for (const { config } of three) {
      const files = readdirSync(`${config.storage.dataDir}/version-2`);
      expect(files.filter((name) => name.startsWith('snapshot.')).length).toBeGreaterThan(0);
    }
  });
});

describe('a member whose state is another', () => {
  it('stops with the next transaction, which it names; the others go on', async () => {
    const three = await embedAll(await configs(3, ['admin.rateLimiterIntervalInMS=0']));
    const follower = three.find(({ server }) => server.describe().state === 'following')!;
    const others = three.filter((one) => one !== follower);
    const client = await clientOf(others[0]!);
    await client.create('/kept', 'then');
    const snapshot = Buffer.from(
      await (await fetch(url(others[0]!, 'snapshot'), { headers: AUTHORIZATION })).arrayBuffer(),
    );
    await client.setData('/kept', 'now');
    await until('all have it', () => new Set(three.map(({ server }) => server.state.treeDigest)).size === 1);
    // An operator who restores one of three has made a server of another history.
    expect((await post(follower, 'restore', snapshot)).status).toBe(200);
    await until('it serves again', () => follower.server.describe().phase === 'broadcast');
    await client.create('/next', 'x');
    const reason = await follower.server.stopped;
    const named = others[0]!.server.state.zxid.toString(16);
    expect(reason?.message).toMatch(
      new RegExp(`^expected the tree digest 0x[0-9a-f]+ after zxid 0x${named}, this server has 0x[0-9a-f]+$`),
    );
    expect(follower.server.clientPort).toBe(0);
    expect(await client.exists('/next')).not.toBeNull();
    expect(others.map(({ server }) => server.describe().phase)).toEqual(['broadcast', 'broadcast']);
  });
});

/** An upload that ends in the middle of its body. Resolves when the server has let go of the connection. */
async function brokenOff(one: EmbeddedServer, snapshot: Buffer): Promise<void> {
  const socket = connect(one.config.admin.address.port, '127.0.0.1');
  const head = `POST /commands/restore HTTP/1.1\r\nhost: x\r\nauthorization: digest ${OPERATOR}\r\n`;
  socket.write(`${head}content-length: ${snapshot.length}\r\n\r\n`);
  socket.write(snapshot.subarray(0, snapshot.length >> 1), () => socket.end());
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
}
