/** A name and its providers: masked, killed, silent all at once, and no ensemble at all; asked with `dig` throughout. */
import { join } from 'node:path';
import { DdnsClient, ProviderPresence } from '@menagerie/platform-sdk';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';
import { dig } from './dig.js';

const WAIT_MS = 60_000;
const REPORT_MS = 1_000;
const NAME = 'server.app1.company1.com';
const TOKEN = 'a-token-of-the-demo';
/** Providers that are only a voice: they register and report, and fall silent together. */
const VOICES = 6;
/** A change is right in DNS by then. */
const RIGHT_WITHIN_MS = 1_000;

export const ddns: DemoOfItsOwn = {
  name: 'ddns',
  title: 'a name and its providers: masked, killed, all silent at once, and the whole ensemble gone; asked with dig',
  promises: [
    'dig gets the right answer within a second of a change, over UDP and TCP, A and SRV',
    'a killed provider leaves the list, and no call of a client fails meanwhile',
    'when most fall silent at once nobody is taken out, until a person says so',
    'the scanner has a successor that takes out nobody who is well',
    'without an ensemble, names resolve as known last; from the disk too',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using patterns = await TestPatterns.start();
    await play(stage, patterns);
  },
};

async function play(stage: DemoStage, patterns: TestPatterns): Promise<void> {
  const { mark, verify, signal } = stage;
  const port = await patterns.port();
  const common = { DDNS_REPORT_MS: String(REPORT_MS), DDNS_CONTROL_TOKEN: TOKEN };
  const [front, scanner1, scanner2] = (await Promise.all([
    patterns.service('ddns', 'front', {
      ...common,
      DDNS_PARTS: 'register,dispatcher,monitor',
      DDNS_PORT: String(port),
    }),
    patterns.service('ddns', 'scanner1', { ...common, DDNS_PARTS: 'scanner,controller,monitor' }),
    patterns.service('ddns', 'scanner2', { ...common, DDNS_PARTS: 'scanner,controller,monitor' }),
  ])) as [TestService, TestService, TestService];
  const providers = (await Promise.all(
    ['provider1', 'provider2', 'provider3'].map((id) =>
      patterns.service('ddns-provider', id, {
        PROVIDER_APP: 'app1',
        PROVIDER_DOMAIN: NAME,
        PROVIDER_REGISTER: front.url,
        PROVIDER_REPORT_MS: String(REPORT_MS),
      }),
    ),
  )) as [TestService, TestService, TestService];
  const [first, second] = providers;
  const ports = async () => (await dig(port, NAME, 'SRV')).records.map((record) => Number(record.split(' ')[2]));
  const shows = async (wanted: readonly TestService[], more: readonly number[] = []): Promise<number> => {
    const beganMs = performance.now();
    const expected = [...wanted.map(portOf), ...more].sort();
    const what = `dig to show ${wanted.map(({ id }) => id).join(', ')}`;
    await until(what, { timeoutMs: WAIT_MS, signal, everyMs: 10 }, async () =>
      (await ports()).sort().join() === expected.join() ? true : undefined,
    );
    return performance.now() - beganMs;
  };
  await shows(providers);
  const [udp, tcp] = [await dig(port, NAME, 'SRV'), await dig(port, NAME, 'SRV', '+tcp')];
  const a = await dig(port, NAME, 'A');
  mark(`dig: ${NAME} A ${a.records.join(' ')}; SRV ${udp.records.join('; ')}`);
  const nobody = await dig(port, 'nobody.company1.com', 'A');
  const stolen = await front.ask('POST', '/register', { app: 'app2', domain: NAME, address: '127.0.0.1:6666' });

  // A change by hand.
  const control = async (service: TestService, path: string, method: string, body?: unknown) => {
    const response = await fetch(`${service.url}/control/${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
  await control(scanner1, `domains/${NAME}`, 'PUT', { masked: [first.process.address] });
  const maskedMs = await shows(providers.slice(1));
  await control(scanner1, `domains/${NAME}`, 'PUT', { masked: [] });
  const unmaskedMs = await shows(providers);
  mark(`provider1 masked: dig is right after ${maskedMs.toFixed(0)} ms; unmasked: ${unmaskedMs.toFixed(0)} ms`);
  const stranger = await scanner1.ask('PUT', `/control/domains/${NAME}`, { closed: true });

  // A provider is killed, under calls.
  const folder = join(patterns.folder, 'sdk');
  await using client = new DdnsClient(patterns.zk, { folder });
  await using calls = new Calls(client);
  await until('calls', { timeoutMs: WAIT_MS, signal }, async () => (calls.answered > 20 ? true : undefined));
  await second.process.end('SIGKILL');
  const outMs = await shows([providers[0], providers[2]]);
  mark(`kill -9 of provider2: out of the list after ${(outMs / 1_000).toFixed(1)} s`);
  await second.process.start();
  await shows(providers);
  mark('provider2 is back, and in the list');

  // The scanner is killed.
  const leads = async (service: TestService) =>
    ((await service.get('/monitor')) as { scanner: { leads: boolean } }).scanner.leads;
  const leader = (await leads(scanner1)) ? scanner1 : scanner2;
  const heir = leader === scanner1 ? scanner2 : scanner1;
  await leader.process.end('SIGKILL');
  await until('another scanner', { timeoutMs: WAIT_MS, signal }, async () => ((await leads(heir)) ? true : undefined));
  mark(`kill -9 of ${leader.id}, which led: ${heir.id} leads`);

  // Most of them fall silent together.
  const voices = await Promise.all(Array.from({ length: VOICES }, async () => ({ port: await patterns.port() })));
  const presences = voices.map(
    ({ port: at }) =>
      new ProviderPresence(patterns.zk, {
        app: 'app1',
        domain: NAME,
        address: `127.0.0.1:${at}`,
        register: front.url,
        reportMs: REPORT_MS,
      }),
  );
  for (const presence of presences) presence.start();
  const voicePorts = voices.map(({ port: at }) => at);
  await calls.stop();
  await shows(providers, voicePorts);
  for (const presence of presences) presence.fallSilent();
  const guarded = await until('the guard', { timeoutMs: WAIT_MS, signal }, async () => {
    const { scanner } = (await heir.get('/monitor')) as { scanner: { guarded: boolean; silent: string[] } };
    return scanner.guarded && scanner.silent.length === VOICES ? scanner : undefined;
  });
  const listedThen = (await ports()).length;
  mark(`${VOICES} of ${VOICES + 3} fall silent: guarded, ${guarded.silent.length} silent, ${listedThen} in the list`);
  await control(heir, 'guard/confirm', 'POST');
  await shows(providers);
  mark('a person confirms: they are out');

  // No ensemble.
  for (const server of patterns.ensemble.servers) await patterns.ensemble.kill(server.id);
  const stale = await dig(port, NAME, 'SRV');
  await using fromDisk = new DdnsClient(null, { folder });
  const kept = await fromDisk.table(NAME);
  mark(`the whole ensemble is killed: dig shows ${stale.records.length}, a client without it ${kept.targets.length}`);
  await Promise.all(patterns.ensemble.servers.map((server) => patterns.ensemble.start(server.id)));
  await control(heir, `domains/${NAME}`, 'PUT', { masked: [first.process.address] }).catch(() => undefined);
  const events = (await heir.get('/monitor/events')) as { what: string; key?: string }[];
  const wellRemoved = events.filter(
    ({ what, key = '' }) => what === 'removed' && !voicePorts.some((at) => key.endsWith(`:${at}`)),
  );

  verify(
    'dig is right within a second of a change',
    maskedMs < RIGHT_WITHIN_MS && unmaskedMs < RIGHT_WITHIN_MS,
    `${maskedMs.toFixed(0)} ms and ${unmaskedMs.toFixed(0)} ms, with the start of dig itself`,
  );
  verify(
    'UDP and TCP, A and SRV',
    udp.records.join() === tcp.records.join() && udp.records.length === 3 && a.records.join() === '127.0.0.1',
    `${udp.records.length} SRV over UDP, ${tcp.records.length} over TCP, A ${a.records.join(' ')}`,
  );
  verify(
    'an unknown name is NXDOMAIN; a name is for its owner, and the controller for who has the token',
    nobody.status === 'NXDOMAIN' && stolen.status === 403 && stranger.status === 403,
    `${nobody.status}; ${stolen.body.message}; ${stranger.body.message}`,
  );
  verify(
    'no call failed while a provider was killed',
    calls.failed === 0,
    `${calls.answered} calls, ${calls.failed} failed, ${calls.retried} went to the next address at once`,
  );
  verify(
    'nobody was taken out by the guard, all who were dead after the word',
    listedThen === VOICES + 3,
    `${listedThen} of ${VOICES + 3} stayed`,
  );
  verify(
    'the heir took out nobody who was well',
    wellRemoved.length === 0,
    `${events.map(({ what }) => what).join(', ')}`,
  );
  verify(
    'without an ensemble names resolve as known last',
    stale.records.length === 3 && kept.targets.length > 0 && kept.isStale,
    `dig ${stale.records.length}, from the disk ${kept.targets.length}, marked as stale: ${kept.isStale}`,
  );
}

const portOf = ({ process }: TestService): number => Number(process.address.split(':')[1]);

/** A program that calls the name all the time: an address that does not answer is noted, and the next one is tried. */
class Calls implements AsyncDisposable {
  answered = 0;
  failed = 0;
  retried = 0;
  private isOver = false;
  private readonly running: Promise<void>;

  constructor(private readonly client: DdnsClient) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      if (await this.call(5)) this.answered += 1;
      else this.failed += 1;
    }
  }

  private async call(tries: number): Promise<boolean> {
    const address = await this.client.resolve(NAME);
    try {
      return (await fetch(`http://${address}/hello`, { signal: AbortSignal.timeout(10_000) })).ok;
    } catch {
      this.client.noteFailure(address);
      this.retried += 1;
      return tries > 1 && (await this.call(tries - 1));
    }
  }
}
