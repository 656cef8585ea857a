/** An operator's word: weights, a provider taken out, conditions, tags. Each is obeyed at once, with nobody restarted. */
import type { TestService } from '@menagerie/platform-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { causesOf, type Outcome, shareOf } from './call-load.js';
import { type Caller, DubboRig } from './rig.js';

const SERVICE = '/services/shop.Catalogue';
const CALLERS = 6;
const TAG = 'gray';
/** What is promised. */
const WITHIN_MS = 1_000;
/** So many calls in a row as the rule wants them are believed. */
const OBEDIENT = 150;

export const dubboRoute: DemoOfItsOwn = {
  name: 'dubbo-route',
  title: 'weights, conditions and tags of Dubbo are changed under load',
  promises: [
    'each change is obeyed within a second of its publication',
    'no call fails meanwhile, and no process is restarted',
    'a rule that does not parse is refused to its author, and changes nothing',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using rig = await DubboRig.open(stage, { sessionTimeoutMs: 10_000 });
    await play(stage, rig);
  },
};

async function play(stage: DemoStage, rig: DubboRig): Promise<void> {
  const { mark, verify } = stage;
  const [[one, two, three], admin] = await Promise.all([
    rig.providers(3),
    rig.patterns.service('dubbo/admin', 'admin1'),
  ]);
  if (one === undefined || two === undefined || three === undefined) throw new Error('expected three providers');
  const plain = await rig.caller('plain', {}, CALLERS);
  const tagged = await rig.caller('tagged', { tag: TAG }, CALLERS);
  await rig.known(3);
  const all = [one.id, two.id, three.id];
  const changes = new Changes(rig, admin, plain);
  mark(`three providers, two consumers, one of them asks for the tag ${TAG}`);

  const weightOfOne = `${SERVICE}/providers/${one.address}/weight`;
  await changes.make('weight of provider1: 0', 'PUT', weightOfOne, { weight: 0 }, [two.id, three.id]);
  await changes.make('weight of provider1: its own', 'DELETE', weightOfOne, undefined, all);
  const weightOfTwo = `${SERVICE}/providers/${two.address}/weight`;
  await changes.make('weight of provider2: 800', 'PUT', weightOfTwo, { weight: 800 }, all);
  const weighed = await sharesOver(rig, plain, two.id);
  mark(`provider2 answers ${(weighed * 100).toFixed(0)} % of the calls (800 of 1,000 would be 80 %)`);
  await changes.make('weight of provider2: its own', 'DELETE', weightOfTwo, undefined, all);

  const disabled = `${SERVICE}/providers/${three.address}/disabled`;
  await changes.make('provider3 disabled', 'PUT', disabled, undefined, [one.id, two.id]);
  await changes.make('provider3 enabled', 'DELETE', disabled, undefined, all);

  const rule = `application = demo => address = ${two.address}`;
  const route = await changes.make(`route: ${rule}`, 'POST', `${SERVICE}/routes`, { rule }, [two.id]);
  const refused = await admin.ask('POST', `${SERVICE}/routes`, { rule: 'application = => address' });
  mark(`a rule that does not parse: ${refused.status} ${refused.body.message}`);
  const beforeMs = performance.now();
  await rig.until('calls', async () => (plain.load.since(beforeMs).length >= OBEDIENT ? true : undefined));
  const strayed = plain.load.since(beforeMs).filter(({ by }) => by !== two.id).length;
  await changes.make('the route is taken back', 'DELETE', `${SERVICE}/rules/${route.id}`, undefined, all);

  const tags = { yaml: `force: true\ntags:\n  - name: ${TAG}\n    addresses: ['${one.address}']\n` };
  await changes.make(`tag rule: provider1 is ${TAG}`, 'PUT', '/config/catalogue/tag-router', tags, [two.id, three.id]);
  const taggedMs = performance.now();
  await rig.until('tagged calls', async () => (tagged.load.since(taggedMs).length >= OBEDIENT ? true : undefined));
  const untagged = tagged.load.since(taggedMs).filter(({ by }) => by !== one.id).length;
  await changes.make('the tag rule is taken back', 'DELETE', '/config/catalogue/tag-router', undefined, all);

  verify(
    `each change was obeyed within ${WITHIN_MS} ms`,
    changes.effectsMs.every((ms) => ms < WITHIN_MS),
    `${changes.effectsMs.length} changes, ${changes.effectsMs.map((ms) => ms.toFixed(0)).join(', ')} ms`,
  );
  await Promise.all([plain.load.stop(), tagged.load.stop()]);
  const counts = [plain, tagged].map(({ reference }) => reference.counts);
  const sum = (key: 'sent' | 'answered' | 'retried' | 'failed') => counts.reduce((total, one) => total + one[key], 0);
  verify(
    'no call failed',
    sum('failed') === 0,
    `${sum('sent')} sent, ${sum('answered')} answered, ${sum('retried')} retried, ${sum('failed')} failed ` +
      causesOf([...plain.load.outcomes, ...tagged.load.outcomes]),
  );
  verify('weights are shares', weighed > 0.65 && weighed < 0.92, `provider2: ${(weighed * 100).toFixed(1)} %`);
  verify(
    'tags lead where they should',
    untagged === 0,
    `${tagged.load.since(taggedMs).length} tagged calls, ${untagged} elsewhere`,
  );
  verify(
    'a rule that does not parse was refused, and the one before held',
    refused.status === 422 && strayed === 0,
    `${refused.body.code}; ${strayed} calls elsewhere`,
  );
}

/** Publishes changes, and finds out when the last call against each began. */
class Changes {
  readonly effectsMs: number[] = [];

  constructor(
    private readonly rig: DubboRig,
    private readonly admin: TestService,
    private readonly caller: Caller,
  ) {}

  /** @param wanted who answers afterwards: all of them, and nobody else */
  async make(
    what: string,
    method: 'PUT' | 'POST' | 'DELETE',
    path: string,
    body: unknown,
    wanted: readonly string[],
  ): Promise<{ readonly id: string }> {
    const answer = await this.admin.ask(method, path, body);
    const publishedMs = performance.now();
    if (answer.status >= 300) throw new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
    const effectMs = await this.rig.until(what, async () => this.effectOf(this.caller.load.since(publishedMs), wanted));
    this.effectsMs.push(Math.max(0, effectMs - publishedMs));
    this.rig.stage.mark(`${what}: obeyed after ${Math.max(0, effectMs - publishedMs).toFixed(0)} ms`);
    return answer.body as { id: string };
  }

  /** @returns when the rule was obeyed: after the last call against it, and when each who is wanted was called */
  private effectOf(outcomes: readonly Outcome[], wanted: readonly string[]): number | undefined {
    const answered = outcomes.filter(({ by }) => by !== null).sort((a, b) => a.atMs - b.atMs);
    const lastWrong = answered.findLastIndex(({ by }) => !wanted.includes(by ?? ''));
    const right = answered.slice(lastWrong + 1);
    const firsts = wanted.map((id) => right.find(({ by }) => by === id)?.atMs);
    if (right.length < OBEDIENT || firsts.includes(undefined)) return undefined;
    const wrongMs = answered[lastWrong]?.atMs ?? 0;
    return Math.max(wrongMs, ...firsts.map((ms) => ms ?? 0));
  }
}

async function sharesOver(rig: DubboRig, { load }: Caller, id: string): Promise<number> {
  const fromMs = performance.now();
  await rig.until('calls', async () => (load.since(fromMs).length >= 600 ? true : undefined));
  return shareOf(id, load.since(fromMs));
}
