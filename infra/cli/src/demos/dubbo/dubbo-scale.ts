/** A provider joins under load and is warmed up, another leaves in order: nobody who calls is to notice. */
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { causesOf, shareOf } from './call-load.js';
import { DubboRig } from './rig.js';

const CALLERS = 8;
const WARMUP_MS = 6_000;
/** Of the newcomer's traffic, seen after the warm-up. */
const SETTLED_MS = 2_000;
const STEADY_CALLS = 500;

export const dubboScale: DemoOfItsOwn = {
  name: 'dubbo-scale',
  title: 'a Dubbo provider joins under load, is warmed up, and another leaves in order',
  promises: [
    'no call fails, neither when one comes nor when one goes',
    'the newcomer is called at once, a little at first, with its whole share after the warm-up',
    'who has left is not called any more',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using rig = await DubboRig.open(stage, { sessionTimeoutMs: 10_000 });
    await play(stage, rig);
  },
};

async function play({ mark, verify }: DemoStage, rig: DubboRig): Promise<void> {
  const [leaving] = (await rig.providers(2)) as [Awaited<ReturnType<typeof rig.provider>>];
  const { load, reference } = await rig.caller('failover', {}, CALLERS);
  await rig.known(2);
  const more = (count: number) => {
    const goal = load.outcomes.length + count;
    return rig.until(`${count} more calls`, async () => (load.outcomes.length >= goal ? true : undefined));
  };
  await more(STEADY_CALLS);
  mark(`two providers, ${CALLERS} callers, ${load.outcomes.length} calls so far`);

  const newcomer = await rig.provider('provider3', { PROVIDER_WARMUP_MS: String(WARMUP_MS) });
  const joinedMs = await rig.known(3);
  const first = await rig.until('the first call of provider3', async () =>
    load.outcomes.find(({ by }) => by === newcomer.id),
  );
  mark(
    `provider3 has joined; its first answer ${(first.atMs + first.tookMs - joinedMs).toFixed(0)} ms after everybody knew`,
  );
  const startedMs = performance.now() - (Date.now() - Number(timestampOf(reference, newcomer.address)));
  const shares: number[] = [];
  for (let second = 1; second <= WARMUP_MS / 1_000; second += 1) {
    const [from, to] = [startedMs + (second - 1) * 1_000, startedMs + second * 1_000];
    await rig.until(`second ${second} of the warm-up`, async () => (performance.now() >= to ? true : undefined));
    const share = shareOf(
      newcomer.id,
      load.since(from).filter(({ atMs }) => atMs < to),
    );
    shares.push(share);
    mark(`second ${second} of its warm-up: provider3 answers ${percent(share)}`);
  }
  const warmMs = performance.now();
  await rig.until('calls after the warm-up', async () => (performance.now() - warmMs >= SETTLED_MS ? true : undefined));
  const warm = shareOf(newcomer.id, load.since(warmMs));
  mark(`warm: provider3 answers ${percent(warm)}`);

  await leaving.service.process.end('SIGTERM');
  const goneMs = performance.now();
  mark('provider1 was told to stop (SIGTERM): off the list, calls under way answered, closed');
  await more(STEADY_CALLS);
  await load.stop();
  const { sent, answered, retried, failed } = reference.counts;
  verify(
    'no call failed',
    failed === 0 && load.failures.length === 0,
    `${sent} sent, ${answered} answered, ${retried} retried, ${failed} failed ${causesOf(load.outcomes)}`,
  );
  // A third is its share; so far off is neither chance nor a warm-up that does nothing.
  verify(
    'the newcomer was warmed up',
    (shares[0] ?? 1) < 0.15 && warm > 0.2 && warm < 0.47,
    `${shares.map(percent).join(', ')}, then ${percent(warm)} of all calls`,
  );
  const late = load.since(goneMs).filter(({ by }) => by === leaving.id).length;
  verify(
    'nobody calls who has left',
    late === 0,
    `${load.since(goneMs).length} calls since, ${late} of them at provider1`,
  );
}

function timestampOf(
  reference: { providers: readonly { address: string; url: { get(key: string): string | undefined } }[] },
  address: string,
) {
  return reference.providers.find((provider) => provider.address === address)?.url.get('timestamp') ?? Date.now();
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
