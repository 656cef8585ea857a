/** Providers are cut off from the registry, not from their callers: their sessions end, and an empty list is pushed. */
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { causesOf } from './call-load.js';
import { DubboRig } from './rig.js';

const SESSION_MS = 4_000;
const CALLERS = 4;
const EMPTY_MS = 3_000;

export const dubboEmptyPush: DemoOfItsOwn = {
  name: 'dubbo-empty-push',
  title: 'all Dubbo providers lose their sessions at once: with and without empty protection',
  promises: [
    'the registry says that nobody is there, while everybody is',
    'with protection the list is kept, and no call fails',
    'without it every call fails until the providers are listed again (#1508, #3921, #9213)',
    'protection ends by itself: a list that is not empty is believed',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using rig = await DubboRig.open(stage, { sessionTimeoutMs: SESSION_MS });
    await play(stage, rig);
  },
};

async function play({ mark, verify }: DemoStage, rig: DubboRig): Promise<void> {
  const link = await rig.patterns.ensemble.link();
  const behind = { ZK_CONNECT: link.address };
  await Promise.all([rig.provider('provider1', behind), rig.provider('provider2', behind)]);
  const on = await rig.caller('protected', { emptyProtection: true }, CALLERS);
  const off = await rig.caller('unprotected', { emptyProtection: false }, CALLERS);
  await rig.known(2);
  const before = (await rig.listed()).length;
  mark(`${before} providers, which reach the ensemble through one link; two consumers, one with protection`);

  link.cut();
  const cutMs = performance.now();
  mark('the link is cut: providers and consumers are well, and so is the ensemble');
  await rig.until('an empty list in the registry', async () => ((await rig.listed()).length === 0 ? true : undefined));
  await rig.until('the empty list at the unprotected consumer', async () =>
    off.reference.providers.length === 0 ? true : undefined,
  );
  const emptyMs = performance.now();
  mark(`their sessions have ended after ${((emptyMs - cutMs) / 1_000).toFixed(2)} s: the registry lists nobody`);
  await rig.until('calls', async () => (performance.now() - emptyMs >= EMPTY_MS ? true : undefined));
  const kept = on.reference.providers.length;
  link.heal();
  const healedMs = performance.now();
  await rig.until('both providers listed again', async () => ((await rig.listed()).length === 2 ? true : undefined));
  const knownMs = await rig.known(2);
  mark(`the link is mended: listed and known again after ${((knownMs - healedMs) / 1_000).toFixed(2)} s`);
  await rig.until('answers again', async () =>
    off.load.since(knownMs).some(({ by }) => by !== null) ? true : undefined,
  );

  await Promise.all([on.load.stop(), off.load.stop()]);
  const story = ({ load, reference: { counts } }: typeof on) =>
    `${counts.sent} sent, ${counts.answered} answered, ${counts.retried} retried, ${counts.failed} failed ${causesOf(load.outcomes)}`;
  const outage = off.load.since(emptyMs).filter(({ atMs }) => atMs < healedMs);
  verify(
    'protected: no call failed',
    on.load.failures.length === 0 && kept === 2,
    `${story(on)}; ${kept} providers kept`,
  );
  verify(
    'unprotected: every call failed for want of a provider',
    outage.length > 0 && outage.every(({ cause }) => cause === 'DUBBO_NO_PROVIDER'),
    `${story(off)}; ${outage.length} calls while nobody was listed`,
  );
  const again = off.load.since(knownMs);
  verify(
    'both are well again by themselves',
    again.some(({ by }) => by !== null) && on.reference.providers.length === 2,
    `${again.filter(({ by }) => by !== null).length} answers of the unprotected since`,
  );
}
