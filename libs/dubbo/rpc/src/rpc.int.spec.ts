import { DubboRegistry } from '@menagerie/dubbo-registry';
import { BusinessError, DubboUrl, encode, isDubboError } from '@menagerie/dubbo-url';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Connections } from './connections.js';
import { currentCall } from './context.js';
import { ExportedService } from './export.js';
import { Reference, type ReferenceOptions } from './reference.js';
import { DubboServer, type Handler } from './server.js';
import { MAX_MESSAGE_BYTES } from './wire.js';

const WAIT = { timeoutMs: 30_000, intervalMs: 20 };
/** Generous: a busy machine is not a fault. */
const TIMEOUT_MS = 20_000;
let ensemble: TestEnsemble;
let zk: ZooKeeperClient;
let registry: DubboRegistry;
let services = 0;
const cleanup: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  ensemble = await startTestEnsemble({ servers: 1 });
  zk = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 10_000 });
  registry = new DubboRegistry({
    connect: ensemble.connectString,
    sessionTimeoutMs: 8_000,
    retryMs: 200,
    coalesceMs: 10,
  });
});
afterEach(async () => {
  for (const one of cleanup.splice(0).reverse()) await one();
});
afterAll(async () => {
  await registry?.close();
  await zk?.close();
  await ensemble?.close();
});

interface Rig {
  readonly name: string;
  provide(
    methods?: Record<string, Handler>,
    parameters?: Record<string, string>,
    version?: string,
  ): Promise<{
    server: DubboServer;
    service: ExportedService;
  }>;
  refer(options?: Partial<ReferenceOptions>): Promise<Reference>;
}
function rig(): Rig {
  const name = `test.Echo${++services}`;
  return {
    name,
    async provide(methods = { echo: (text: string) => text }, parameters = {}, version) {
      const server = new DubboServer({ port: 0 });
      await server.listen();
      cleanup.push(() => server.close(1_000));
      const service = await ExportedService.open(
        { serviceInterface: name, methods, ...(version === undefined ? {} : { version }) },
        { registry, server, application: 'echo', parameters: { warmup: '1', ...parameters } },
      );
      return { server, service };
    },
    async refer(options = {}) {
      const connections = new Connections();
      const reference = await Reference.open({
        registry,
        connections,
        serviceInterface: name,
        application: 'shop',
        timeoutMs: TIMEOUT_MS,
        ...options,
      });
      cleanup.push(async () => {
        await reference.close();
        connections.close();
      });
      return reference;
    },
  };
}
const providers = (reference: Reference, count: number) =>
  waitFor(() => reference.providers.length === count, { ...WAIT, what: `${count} providers` });
const code = (wanted: string) => expect.toSatisfy((error) => isDubboError(error) && error.code === wanted);

describe('a call', () => {
  it('reaches a provider that was found, through a typed proxy', async () => {
    const { provide, refer } = rig();
    await provide({ add: (a: number, b: number) => a + b });
    const calculator = (await refer()).proxy<{ add(a: number, b: number): Promise<number> }>();
    expect(await calculator.add(2, 3)).toBe(5);
  });

  it('carries attachments, the caller’s name and a deadline', async () => {
    const { provide, refer } = rig();
    await provide({
      who: () => {
        const { application, attachments, deadlineMs } = currentCall() ?? {};
        return { application, attachments, deadlineMs };
      },
    });
    const before = Date.now();
    const seen = await (await refer()).call('who', [], { attachments: { 'trace-id': 'ü 1' }, timeoutMs: 5_000 });
    expect(seen).toMatchObject({ application: 'shop', attachments: { 'trace-id': 'ü 1' } });
    expect((seen as { deadlineMs: number }).deadlineMs - before).toBeLessThan(10_000);
  });

  it('a refusal is an answer: not tried again, and not counted as failed', async () => {
    const { provide, refer } = rig();
    let calls = 0;
    await provide({
      sell: () => {
        calls += 1;
        throw new BusinessError('SOLD_OUT', 'none left');
      },
    });
    const reference = await refer();
    await expect(reference.call('sell')).rejects.toMatchObject({ code: 'DUBBO_BUSINESS', reason: 'SOLD_OUT' });
    expect(calls).toBe(1);
    expect(reference.counts).toMatchObject({ sent: 1, answered: 1, retried: 0, failed: 0 });
  });

  it('without an answer ends by its deadline, and the provider learns of it', async () => {
    const { provide, refer } = rig();
    let gone = 0;
    await provide({
      hang: () => new Promise(() => currentCall()?.signal.addEventListener('abort', () => (gone += 1))),
    });
    const reference = await refer({ cluster: 'failfast' });
    await expect(reference.call('hang', [], { timeoutMs: 200 })).rejects.toThrow(code('DUBBO_TIMEOUT'));
    expect(reference.counts.causes).toEqual({ DUBBO_TIMEOUT: 1 });
    await waitFor(() => gone === 1, { ...WAIT, what: 'the provider to learn of it' });
  });

  it('too large a message is refused before it is sent', async () => {
    const { provide, refer } = rig();
    await provide();
    const reference = await refer();
    await expect(reference.call('echo', ['x'.repeat(MAX_MESSAGE_BYTES)])).rejects.toThrow(code('DUBBO_TOO_LARGE'));
    expect(await reference.call('echo', ['small'])).toBe('small');
  });

  it('a method that is not there, and a fault of the service, each have their word', async () => {
    const { provide, refer } = rig();
    await provide({
      crash: () => {
        throw new TypeError('secret');
      },
    });
    const reference = await refer({ cluster: 'failfast' });
    await expect(reference.call('nothing')).rejects.toThrow(code('DUBBO_UNKNOWN_METHOD'));
    await expect(reference.call('crash')).rejects.toThrow('the service failed unexpectedly');
  });

  it('nobody provides it: said at once', async () => {
    await expect((await rig().refer()).call('echo')).rejects.toThrow(code('DUBBO_NO_PROVIDER'));
  });
});

describe('two services', () => {
  it('of one name in one process are refused', async () => {
    const { name, provide } = rig();
    const { server } = await provide();
    expect(() => server.add({ serviceInterface: name, methods: {} })).toThrow(code('DUBBO_DUPLICATE_SERVICE'));
  });

  it('of two versions live side by side, each with its own callers', async () => {
    const { name, provide, refer } = rig();
    const { server } = await provide({ tell: () => 'one' }, {}, '1.0.0');
    const second = { serviceInterface: name, version: '2.0.0', methods: { tell: () => 'two' } };
    await ExportedService.open(second, { registry, server, application: 'echo' });
    expect(await (await refer({ version: '1.0.0' })).call('tell')).toBe('one');
    expect(await (await refer({ version: '2.0.0' })).call('tell')).toBe('two');
    await expect((await refer({ version: '3.0.0' })).call('tell')).rejects.toThrow(code('DUBBO_VERSION_MISMATCH'));
  });
});

describe('when providers come and go', () => {
  it('a dead one on the list is hidden by failover, and costs failfast its calls until the connection is seen broken', async () => {
    const { provide, refer } = rig();
    const [dead] = [await provide(), await provide()];
    const reference = await refer({ loadbalance: 'roundrobin' });
    await providers(reference, 2);
    // Closed, and still listed: as after kill -9, while its session lasts.
    await dead.server.close(0);
    for (let n = 0; n < 20; n++) expect(await reference.call('echo', [n])).toBe(n);
    expect(reference.counts).toMatchObject({ sent: 20, answered: 20, failed: 0 });
  });

  it('one that leaves in order loses no call under load', async () => {
    const { provide, refer } = rig();
    const slow = { echo: async (text: string) => await new Promise((resolve) => setImmediate(() => resolve(text))) };
    const leaving = await provide(slow);
    await provide(slow);
    const reference = await refer();
    await providers(reference, 2);
    let stop = false;
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (!stop) await reference.call('echo', ['x']);
      }),
    );
    await waitFor(() => reference.counts.answered > 100, { ...WAIT, what: 'load' });
    await leaving.service.unregister();
    await providers(reference, 1);
    await leaving.server.close(10_000);
    const then = reference.counts.answered;
    await waitFor(() => reference.counts.answered > then + 100, { ...WAIT, what: 'load on the other' });
    stop = true;
    await load;
    expect(reference.counts).toMatchObject({ failed: 0, sent: reference.counts.answered });
  });

  it('weights, rules and disabling take effect without a restart', async () => {
    const { name, provide, refer } = rig();
    const [a, b] = [await provide({ who: () => 'a' }), await provide({ who: () => 'b' })];
    const reference = await refer();
    await providers(reference, 2);
    const port = a.server.port;
    const override = DubboUrl.parse(
      `override://127.0.0.1:${port}/${name}?category=configurators&dynamic=false&disabled=true`,
    );
    await registry.register(override);
    await providers(reference, 1);
    expect(await reference.call('who')).toBe('b');
    await registry.unregister(override);
    await providers(reference, 2);
    const rule = encode(`method = who => port = ${port}`);
    await registry.register(DubboUrl.parse(`condition://0.0.0.0/${name}?category=routers&dynamic=false&rule=${rule}`));
    await waitFor(
      async () => {
        const answers = await Promise.all(Array.from({ length: 10 }, () => reference.call('who')));
        return answers.every((answer) => answer === 'a');
      },
      { ...WAIT, what: 'all calls at one provider' },
    );
    expect(b.server.active).toBe(0);
  });

  it('calls go on when the whole ensemble is gone', async () => {
    await using other = await startTestEnsemble({ servers: 1 });
    const mortal = new DubboRegistry({ connect: other.connectString, sessionTimeoutMs: 4_000, retryMs: 200 });
    cleanup.push(() => mortal.close());
    const { name, provide, refer } = rig();
    const { server } = await provide();
    await mortal.register(DubboUrl.parse(`tri://127.0.0.1:${server.port}/${name}`));
    const reference = await refer({ registry: mortal });
    for (const { id } of other.servers) await other.kill(id);
    for (let n = 0; n < 20; n++) expect(await reference.call('echo', [n])).toBe(n);
  });
});

describe('a rule of the config center', () => {
  const who = (id: string) => ({ methods: { who: () => id } });
  async function rule(name: string, kind: string, yaml: string) {
    const path = `/dubbo/config/dubbo/${name}.${kind}`;
    await zk.mkdirp(path);
    await zk.setData(path, yaml);
    cleanup.push(() => zk.delete(path));
  }
  async function pair() {
    const { name, provide, refer } = rig();
    const [a, b] = [await provide(who('a').methods), await provide(who('b').methods)];
    const problems: unknown[] = [];
    const reference = await refer({ loadbalance: 'roundrobin', onProblem: (error) => problems.push(error) });
    await providers(reference, 2);
    const answer = async (tag?: string) => {
      const one = () => reference.call('who', [], tag === undefined ? {} : { tag });
      return [await one(), await one()].sort().join();
    };
    const answers = (expected: string, tag?: string) =>
      waitFor(async () => (await answer(tag)) === expected, { ...WAIT, what: `answers of ${expected}` });
    return { name, reference, problems, answers, a: a.service.url.address, b: b.service.url.address };
  }

  it('routes by conditions, and one that does not parse leaves the one before', async () => {
    const { name, b, problems, answers } = await pair();
    await answers('a,b');
    await rule(`${name}::`, 'condition-router', `conditions: ['=> address = ${b}']`);
    await answers('b,b');
    await zk.setData(`/dubbo/config/dubbo/${name}::.condition-router`, 'conditions: 7');
    await waitFor(() => problems.length === 1, { ...WAIT, what: 'the problem' });
    expect(isDubboError(problems[0], 'DUBBO_BAD_RULE')).toBe(true);
    await answers('b,b');
    await zk.setData(`/dubbo/config/dubbo/${name}::.condition-router`, '');
    await answers('a,b');
  });

  it('gives addresses of the application that provides to those who ask for a tag', async () => {
    const { a, answers } = await pair();
    await rule('echo', 'tag-router', `force: false\ntags: [{ name: gray, addresses: ['${a}'] }]`);
    await answers('b,b');
    await answers('a,a', 'gray');
    // Nobody has it, and it does not insist.
    await answers('b,b', 'blue');
  });

  it('overrides parameters, the service’s after the application’s, and takes providers out', async () => {
    const { name, a, reference, answers } = await pair();
    const timeouts = () => reference.providers.map(({ url }) => url.get('timeout')).join();
    const config = (key: string, scope: string, timeout: number) =>
      `{ scope: ${scope}, key: '${key}', configs: [{ side: consumer, parameters: { timeout: ${timeout} } }] }`;
    await rule(`${name}::`, 'configurators', config(`${name}::`, 'service', 7_000));
    await waitFor(() => timeouts() === '7000,7000', { ...WAIT, what: 'the timeout of the service' });
    await rule('shop', 'configurators', config('shop', 'application', 8_000));
    await answers('a,b');
    expect(timeouts()).toBe('7000,7000');
    const out = `{ key: '${name}::', configs: [{ addresses: ['${a}'], parameters: { disabled: true } }] }`;
    await zk.setData(`/dubbo/config/dubbo/${name}::.configurators`, out);
    await answers('b,b');
    expect(timeouts()).toBe('8000');
  });
});
