/** The whole ensemble dies: calls go on, a consumer starts without it, and all is made up for when it returns. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestService } from '@menagerie/platform-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { causesOf, CallLoad } from './call-load.js';
import { DubboRig } from './rig.js';

const SESSION_MS = 6_000;
/** Longer than any session lives. */
const DOWN_MS = 2 * SESSION_MS;
const CALLERS = 4;
const SERVERS = 3;

export const dubboRegistryDown: DemoOfItsOwn = {
  name: 'dubbo-registry-down',
  title: 'kill -9 of the whole ensemble: Dubbo calls go on without a registry',
  promises: [
    'no call of a consumer that knows its providers fails, however long the ensemble is away',
    'a consumer started meanwhile answers from the lists that it saw last',
    'a provider started meanwhile is listed when the ensemble is back, and so are all others, with new sessions',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using rig = await DubboRig.open(stage, { servers: SERVERS, sessionTimeoutMs: SESSION_MS });
    await play(stage, rig);
  },
};

async function play({ mark, verify }: DemoStage, rig: DubboRig): Promise<void> {
  const { patterns } = rig;
  await rig.providers(2);
  const front = await patterns.service('dubbo/consumer', 'front1');
  await rig.until('an answer through the front', async () => await quote(front));
  const load = new CallLoad();
  load.begin(() => quote(front), CALLERS);
  try {
    await rig.until('calls', async () => (load.outcomes.length >= 200 ? true : undefined));
    const before = await rig.listed();
    // What the front remembers; the other front is to start from a copy of it.
    const memory = join(patterns.folder, 'front1', 'registry.json');
    mkdirSync(join(patterns.folder, 'front2'), { recursive: true });
    await rig.until('the lists on disk', async () => {
      copyFileSync(memory, join(patterns.folder, 'front2', 'registry.json'));
      return true;
    });
    mark(`three servers, two providers, a front under load: ${load.outcomes.length} calls so far`);

    await Promise.all(patterns.ensemble.servers.map(({ id }) => patterns.ensemble.kill(id)));
    const downMs = performance.now();
    mark('kill -9 of all three servers');
    const [cold, late] = await Promise.all([coldStart(rig), rig.provider('provider3')]);
    mark(
      `front2 was started without an ensemble: first answer after ${(cold.tookMs / 1_000).toFixed(2)} s, from its file`,
    );
    mark('provider3 was started without an ensemble: it listens, and nobody knows it');
    await rig.until('the end of all sessions', async () => (performance.now() - downMs >= DOWN_MS ? true : undefined));
    const during = load.since(downMs);
    mark(`${during.length} calls in ${((performance.now() - downMs) / 1_000).toFixed(1)} s without an ensemble`);

    for (const { id } of patterns.ensemble.servers) patterns.ensemble.launch(id);
    const backMs = performance.now();
    await patterns.ensemble.waitForLeader();
    mark(`the ensemble is back after ${((performance.now() - backMs) / 1_000).toFixed(2)} s`);
    const expected = [...before, late.address].sort().join();
    const after = await rig.until('all three providers in the registry', async () => {
      const listed = await rig.listed();
      // For a moment a provider may stand there twice: as its old session knew it, and its new one.
      return listed.join() === expected ? listed : undefined;
    });
    mark(
      `all three providers are listed ${((performance.now() - backMs) / 1_000).toFixed(2)} s after the servers were started`,
    );
    const body = { interface: 'shop.Catalogue', version: '1.0.0', method: 'whoami' };
    const newcomer = await rig.until('an answer of provider3', async () => {
      const { result } = (await front.post('/invoke', body)) as { result: string };
      return result === 'provider3' ? result : undefined;
    });
    await load.stop();
    verify(
      'no call failed',
      load.failures.length === 0,
      `${load.outcomes.length} sent, ${during.length} of them without an ensemble, ` +
        `${load.failures.length} failed ${causesOf(load.outcomes)}`,
    );
    verify(
      'a consumer started without an ensemble answers',
      cold.status === 200,
      `${cold.status}: ${cold.total} cents`,
    );
    verify('everybody is listed again', after.join() === expected, after.join(', '));
    verify('who came meanwhile is called', newcomer === 'provider3', `${newcomer} answers`);
  } finally {
    await load.stop();
  }
}

/** @throws when the front fails */
async function quote(front: TestService): Promise<string> {
  const { status, body } = await front.ask('GET', '/products/tea-assam/quote?quantity=5');
  if (status === 200) return String(body.totalCents);
  throw new Error(String(body.code));
}

async function coldStart(rig: DubboRig) {
  const startedMs = performance.now();
  const front = await rig.patterns.laidOut('dubbo/consumer', 'front2');
  front.process.launch();
  const { status, body } = await rig.until('an answer of front2', async () => {
    const answer = await front.ask('GET', '/products/tea-assam/quote?quantity=5');
    return answer.status === 200 ? answer : undefined;
  });
  return { status, total: String(body.totalCents), tookMs: performance.now() - startedMs };
}
