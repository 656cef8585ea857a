import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Category, DubboUrl, isDubboError, nameOf } from '@menagerie/dubbo-url';
import { CreateMode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DubboRegistryOptions } from './options.js';
import { DubboRegistry } from './registry.js';

const WAIT = { timeoutMs: 30_000, intervalMs: 20 };
const ALL = [Category.providers, Category.configurators, Category.routers];
let ensemble: TestEnsemble;
let zk: ZooKeeperClient;
let folder: string;
const open: DubboRegistry[] = [];
let services = 0;

beforeAll(async () => {
  ensemble = await startTestEnsemble({ servers: 1 });
  zk = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 10_000 });
  folder = mkdtempSync(join(tmpdir(), 'dubbo-registry-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
afterAll(async () => {
  await zk?.close();
  await ensemble?.close();
  rmSync(folder, { recursive: true, force: true });
});

function registry(options: Partial<DubboRegistryOptions> = {}): DubboRegistry {
  const one = new DubboRegistry({
    connect: ensemble.connectString,
    sessionTimeoutMs: 5_000,
    retryMs: 200,
    coalesceMs: 20,
    ...options,
  });
  open.push(one);
  return one;
}
/** A service of its own for each test. */
function service() {
  const name = `test.Service${++services}`;
  return {
    name,
    provider: (n: number, query = '') =>
      DubboUrl.parse(`tri://127.0.0.1:${20_000 + n}/${name}?interface=${name}&side=provider&${query}`),
    consumer: (query = '') => DubboUrl.parse(`consumer://127.0.0.1/${name}?category=consumers&side=consumer&${query}`),
  };
}
async function follow(one: DubboRegistry, consumer: DubboUrl) {
  const told: string[][] = [];
  await one.subscribe(consumer, ALL, (urls) =>
    told.push(urls.map(({ protocol, address }) => `${protocol} ${address}`)),
  );
  return { told, last: () => told.at(-1) ?? [] };
}

describe('registering', () => {
  it('makes Dubbo’s nodes: persistent above, an ephemeral name that is the URL', async () => {
    const { name, provider } = service();
    const one = registry();
    expect(await one.register(provider(1))).toBe(true);
    const { children } = await zk.getChildren(`/dubbo/${name}/providers`);
    expect(children).toEqual([nameOf(provider(1))]);
    expect((await zk.exists(one.paths.url(provider(1))))?.ephemeralOwner).toBe(one.session?.session?.id);
    expect((await zk.exists(`/dubbo/${name}/providers`))?.ephemeralOwner).toBe(0n);
    await one.unregister(provider(1));
    expect((await zk.getChildren(`/dubbo/${name}/providers`)).children).toEqual([]);
  });

  it('what is not dynamic stays', async () => {
    const { provider } = service();
    const one = registry();
    await one.register(provider(1, 'dynamic=false'));
    expect((await zk.exists(one.paths.url(provider(1, 'dynamic=false'))))?.ephemeralOwner).toBe(0n);
  });

  it('a node of another session under the same name is made anew (#5125)', async () => {
    const { name, provider } = service();
    const one = registry();
    await zk.mkdirp(`/dubbo/${name}/providers`);
    await zk.create(one.paths.url(provider(1)), '', { mode: CreateMode.ephemeral });
    await one.register(provider(1));
    expect((await zk.exists(one.paths.url(provider(1))))?.ephemeralOwner).toBe(one.session?.session?.id);
  });

  it('after its session has expired it registers the current URL, not the old one (#5927)', async () => {
    const { name, provider } = service();
    const one = registry();
    await one.register(provider(1));
    await one.replace(provider(1), provider(1, 'weight=7'));
    const before = one.session?.session;
    if (!before) throw new Error('expected a session');
    await ensemble.expireSession(before.id, before.password);
    await waitFor(
      async () => {
        const stat = await zk.exists(one.paths.url(provider(1, 'weight=7')));
        return stat !== null && stat.ephemeralOwner !== before.id;
      },
      { ...WAIT, what: 'the current URL under a new session' },
    );
    expect((await zk.getChildren(`/dubbo/${name}/providers`)).children).toEqual([nameOf(provider(1, 'weight=7'))]);
  });
});

describe('subscribing', () => {
  it('tells all categories at once, and nobody as a marker for each', async () => {
    const { consumer } = service();
    const { told } = await follow(registry(), consumer());
    expect(told).toEqual([['empty 127.0.0.1', 'empty 127.0.0.1', 'empty 127.0.0.1']]);
  });

  it('tells the whole category at each change, down to the marker', async () => {
    const { provider, consumer } = service();
    const one = registry();
    const { last } = await follow(registry(), consumer());
    await one.register(provider(1));
    await waitFor(() => last()[0] === 'tri 127.0.0.1:20001', { ...WAIT, what: 'the first provider' });
    await one.register(provider(2));
    await waitFor(() => last().length === 2, { ...WAIT, what: 'two providers' });
    await one.unregister(provider(1));
    await one.unregister(provider(2));
    await waitFor(() => last().join() === 'empty 127.0.0.1', { ...WAIT, what: 'the marker' });
  });

  it('a malformed name among good ones costs nobody but itself', async () => {
    const { name, provider, consumer } = service();
    const problems: unknown[] = [];
    await registry().register(provider(1));
    await zk.create(`/dubbo/${name}/providers/not%2Ga+url`);
    const { told } = await follow(registry({ onProblem: (error) => problems.push(error) }), consumer());
    expect(told[0]).toContain('tri 127.0.0.1:20001');
    expect(problems.some((error) => isDubboError(error, 'DUBBO_BAD_URL'))).toBe(true);
  });

  it('only another version there: nobody, and a word about why', async () => {
    const { provider, consumer } = service();
    const problems: unknown[] = [];
    await registry().register(provider(1, 'version=1.0.0'));
    const { last } = await follow(registry({ onProblem: (error) => problems.push(error) }), consumer('version=2.0.0'));
    expect(last()[0]).toBe('empty 127.0.0.1');
    expect(problems.some((error) => isDubboError(error, 'DUBBO_VERSION_MISMATCH'))).toBe(true);
  });

  it('a burst of a hundred registrations is a few notifications', async () => {
    const { provider, consumer } = service();
    const one = registry();
    const { told, last } = await follow(registry({ coalesceMs: 300 }), consumer());
    await Promise.all(Array.from({ length: 100 }, (_, n) => one.register(provider(n + 1))));
    await waitFor(() => last().length === 100, { ...WAIT, what: 'a hundred providers' });
    expect(told.length).toBeLessThan(30);
  });
});

describe('without an ensemble', () => {
  it('a consumer starts from its file, and a file that makes no sense is said and passed over', async () => {
    const { provider, consumer } = service();
    const cacheFile = join(folder, 'cache.json');
    const provider1 = registry();
    await provider1.register(provider(1));
    const warm = registry({ cacheFile });
    await follow(warm, consumer());
    await warm.close();
    expect(JSON.parse(readFileSync(cacheFile, 'utf8'))).toMatchObject({ version: 1 });

    const nowhere = { connect: '127.0.0.1:1', cacheFile };
    const { told } = await follow(registry(nowhere), consumer());
    expect(told).toEqual([['tri 127.0.0.1:20001']]);

    writeFileSync(cacheFile, '{"version":1,');
    const problems: unknown[] = [];
    const cold = registry({ ...nowhere, onProblem: (error) => problems.push(error) });
    await expect(follow(cold, consumer('check=true'))).rejects.toThrow('or a cached list, got neither');
    expect(problems.some((error) => error instanceof Error && error.message.includes('could not be read'))).toBe(true);
  });

  it('what was registered while it was down is made up for when it is back', async () => {
    const { provider, consumer } = service();
    await using other = await startTestEnsemble({ servers: 1 });
    const one = registry({ connect: other.connectString });
    const { last } = await follow(one, consumer());
    const [server] = other.servers;
    if (!server) throw new Error('expected a server');
    await other.kill(server.id);
    const registering = one.register(provider(1));
    await other.start(server.id);
    await registering;
    await waitFor(() => last()[0] === 'tri 127.0.0.1:20001', { ...WAIT, what: 'the provider in the list' });
    expect(one.pending).toBe(0);
  });
});

describe('by application', () => {
  const shop = `app-${Date.now().toString(36)}`;
  const byApplication = (options: Partial<DubboRegistryOptions> = {}) =>
    registry({ registerMode: 'instance', discovery: 'application', ...options });

  it('a process is one node with all it offers, found by each of its interfaces, and goes with the last of them', async () => {
    const [one, two] = [service(), service()];
    const [provider, consumer] = [byApplication(), byApplication()];
    const offered = [one, two].map((each) => each.provider(1, `application=${shop}&methods=x`));
    const first = await follow(consumer, one.consumer());
    expect(first.last()[0]).toMatch(/^empty /);
    for (const url of offered) await provider.register(url);
    await waitFor(() => first.last()[0] === 'tri 127.0.0.1:20001', { ...WAIT, what: 'the provider' });
    const second = await follow(consumer, two.consumer());
    expect(second.last()[0]).toBe('tri 127.0.0.1:20001');
    expect((await zk.getChildren(`/services/${shop}`)).children).toEqual(['127.0.0.1:20001']);
    expect((await zk.getData(`/dubbo/mapping/${one.name}`)).data.toString()).toBe(shop);
    expect(await zk.exists(`/dubbo/${one.name}/providers/x`)).toBeNull();

    await provider.unregister(offered[0]!);
    await waitFor(() => first.last()[0]?.startsWith('empty'), { ...WAIT, what: 'nobody for the first' });
    expect(second.last()[0]).toBe('tri 127.0.0.1:20001');
    await provider.unregister(offered[1]!);
    await waitFor(() => second.last()[0]?.startsWith('empty'), { ...WAIT, what: 'nobody for the second' });
    expect((await zk.getChildren(`/services/${shop}`)).children).toEqual([]);
  });

  it('an instance that makes no sense costs nobody but itself, and an expired session is made up for', async () => {
    const { name, provider, consumer } = service();
    const problems: unknown[] = [];
    const [ours, theirs] = [byApplication(), byApplication({ onProblem: (error) => problems.push(error) })];
    await ours.register(provider(2, `application=${shop}-2`));
    await zk.create(`/services/${shop}-2/nonsense`, '{');
    const { last } = await follow(theirs, consumer());
    expect(last()[0]).toBe('tri 127.0.0.1:20002');
    expect(problems.some((error) => isDubboError(error, 'DUBBO_BAD_URL'))).toBe(true);
    const session = ours.session?.session;
    if (session === undefined || session === null) throw new Error('no session');
    await ensemble.expireSession(session.id, session.password);
    await waitFor(
      async () => {
        const stat = await zk.exists(`/services/${shop}-2/127.0.0.1:20002`);
        return stat !== null && stat.ephemeralOwner !== session.id;
      },
      { ...WAIT, what: 'the instance under a new session' },
    );
    await waitFor(() => last()[0] === 'tri 127.0.0.1:20002', { ...WAIT, what: `a provider of ${name}` });
  });
});
