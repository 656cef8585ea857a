/** Providers, consumer and admin as processes. */
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import { waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const WAIT = { timeoutMs: 60_000 };
const SERVICE = '/services/shop.Catalogue';
let patterns: TestPatterns;
let front: TestService;
let admin: TestService;
let [first, second] = ['', ''];

async function provider(id: string, environment: Readonly<Record<string, string>> = {}) {
  const port = await patterns.port();
  const service = await patterns.service('dubbo/provider', id, {
    DUBBO_PORT: String(port),
    PROVIDER_WARMUP_MS: '1',
    ...environment,
  });
  return { address: `127.0.0.1:${port}`, service };
}

/** Who answers, asked often enough that chance does not hide anybody. */
async function answering(): Promise<ReadonlySet<string>> {
  const body = { interface: 'shop.Catalogue', version: '1.0.0', method: 'whoami' };
  const answers = await Promise.all(Array.from({ length: 40 }, () => front.post('/invoke', body)));
  return new Set(answers.map(({ result }: { result: string }) => result));
}
const answeredBy = (...ids: readonly string[]) =>
  waitFor(async () => JSON.stringify([...(await answering())].sort()) === JSON.stringify(ids), {
    ...WAIT,
    what: `answers of ${ids.join(' and ') || 'nobody'}`,
  });

beforeAll(async () => {
  patterns = await TestPatterns.start({ servers: 1, sessionTimeoutMs: 10_000 });
  const [one, two, three, four] = await Promise.all([
    provider('provider1'),
    provider('provider2'),
    patterns.service('dubbo/consumer', 'front1'),
    patterns.service('dubbo/admin', 'admin1'),
  ]);
  [first, second, front, admin] = [one.address, two.address, three, four];
  await answeredBy('provider1', 'provider2');
});
afterAll(() => patterns?.close());

describe('the front', () => {
  it('answers from the catalogue', async () => {
    expect(await front.get('/products/tea-assam')).toMatchObject({ sku: 'tea-assam', kind: 'tea' });
    const found = (await front.get('/products?words=green%20leaves&limit=3')) as { sku: string }[];
    expect(found[0]?.sku).toBe('tea-sencha');
    expect(await front.get('/products/tea-assam/quote?quantity=5')).toMatchObject({ discountPercent: 5 });
  });

  it('finds the same providers by application', async () => {
    const other = await patterns.service('dubbo/consumer', 'front2', { CONSUMER_DISCOVERY: 'application' });
    expect(await other.get('/products/tea-assam')).toMatchObject({ sku: 'tea-assam' });
    const [{ providers }] = (await other.get('/dubbo')).called;
    expect(providers.map(({ address }: { address: string }) => address).sort()).toEqual([first, second].sort());
    await other.process.end('SIGTERM');
  });

  it('tells a refusal of the service as one, and does not ask another provider', async () => {
    const { status, body } = await front.ask('GET', '/products/gold');
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'DUBBO_BUSINESS' });
    const [reference] = (await front.get('/dubbo')).called;
    expect(reference.retried).toBe(0);
  });

  it.each([
    ['an interface nobody provides', { interface: 'shop.Nothing' }, 503, 'DUBBO_NO_PROVIDER'],
    ['another version', { interface: 'shop.Catalogue', version: '9.9.9' }, 503, 'DUBBO_VERSION_MISMATCH'],
    [
      'an unknown method',
      { interface: 'shop.Catalogue', version: '1.0.0', method: 'steal' },
      404,
      'DUBBO_UNKNOWN_METHOD',
    ],
  ])('%s costs only who asked for it', async (_what, call, expected, code) => {
    const { status, body } = await front.ask('POST', '/invoke', { method: 'whoami', ...call });
    expect({ status, code: body.code }).toEqual({ status: expected, code });
    expect(await front.get('/products/tea-assam')).toBeTruthy();
  });
});

describe('the admin', () => {
  it('shows services, who provides and who calls, and their traffic', async () => {
    const services = (await admin.get('/services')) as { service: string; providers: number; consumers: number }[];
    expect(services.find(({ service }) => service === 'shop.Catalogue')).toMatchObject({ providers: 2 });
    const { providers } = await admin.get(`${SERVICE}/providers`);
    expect(providers.map(({ address }: { address: string }) => address).sort()).toEqual([first, second].sort());
    const consumers = (await admin.get(`${SERVICE}/consumers`)) as { application: string; version: string }[];
    expect(consumers.find(({ version }) => version === '1.0.0')).toMatchObject({ application: 'front' });
    const traffic = (await admin.get(`${SERVICE}/traffic`)) as { process: string; traffic: object | null }[];
    expect(traffic.map(({ traffic: one }) => one !== null)).toEqual([true, true, true]);
  });

  it('takes a provider’s share away and gives it back', async () => {
    await admin.put(`${SERVICE}/providers/${first}/weight`, { weight: 0 });
    await answeredBy('provider2');
    expect((await admin.get(`${SERVICE}/rules`))[0]).toMatchObject({ kind: 'override', for: first, says: 'weight=0' });
    await admin.ask('DELETE', `${SERVICE}/providers/${first}/weight`);
    await answeredBy('provider1', 'provider2');
    expect(await admin.get(`${SERVICE}/rules`)).toEqual([]);
  });

  it('disables a provider, whatever else an override says of it, and enables it again', async () => {
    await admin.post(`${SERVICE}/overrides`, { target: first, parameters: { disabled: 'true', timeout: '2000' } });
    await answeredBy('provider2');
    await admin.ask('DELETE', `${SERVICE}/providers/${first}/disabled`);
    await answeredBy('provider1', 'provider2');
    const [left] = await admin.get(`${SERVICE}/rules`);
    expect(left.says).toBe('timeout=2000');
    await admin.ask('DELETE', `${SERVICE}/rules/${left.id}`);
  });

  it('routes by a condition until the rule is taken back', async () => {
    const { id } = await admin.post(`${SERVICE}/routes`, { rule: `application = front => address = ${second}` });
    await answeredBy('provider2');
    await admin.ask('DELETE', `${SERVICE}/rules/${id}`);
    await answeredBy('provider1', 'provider2');
  });

  it.each([
    ['POST', `${SERVICE}/routes`, { rule: 'host = => host' }, 422, 'DUBBO_BAD_RULE'],
    ['PUT', '/config/front/tag-router', { yaml: 'tags: [{}]' }, 422, 'DUBBO_BAD_RULE'],
    ['POST', `${SERVICE}/overrides`, { parameters: { timeout: '1&weight=0' } }, 400, 'PATTERN_BAD_REQUEST'],
    ['POST', '/services/shop.Nothing2/routes', { rule: '=> host = a' }, 404, 'DUBBO_NO_PROVIDER'],
    ['DELETE', `${SERVICE}/rules/0000000000`, undefined, 400, 'DUBBO_BAD_REQUEST'],
  ] as const)('refuses %s %s with one line, and nothing has changed', async (method, path, body, status, code) => {
    const answer = await admin.ask(method, path, body);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.body.message).not.toContain('\n');
    expect(await admin.get(`${SERVICE}/rules`)).toEqual([]);
  });

  it('shows a name that is no URL, and consumers are not disturbed by it', async () => {
    const path = '/dubbo/shop.Catalogue/providers/no-url-at-all';
    await patterns.zk.create(path);
    expect((await admin.get(`${SERVICE}/providers`)).malformed).toEqual(['no-url-at-all']);
    expect(await answering()).toEqual(new Set(['provider1', 'provider2']));
    await patterns.zk.delete(path);
  });
});
