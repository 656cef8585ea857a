/** A provider that is stopped: alive in the registry, dead in truth. What that costs with each strategy. */
import type { StrategyName } from '@menagerie/dubbo-cluster';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { causesOf, tookMs } from './call-load.js';
import { DubboRig } from './rig.js';
import { compared, openAll } from './strategies.js';

const SESSION_MS = 8_000;
const TIMEOUT_MS = 2_000;
const BEFORE_MS = 1_000;

export const dubboZombie: DemoOfItsOwn = {
  name: 'dubbo-zombie',
  title: 'a Dubbo provider is stopped (SIGSTOP): alive in the registry, dead in truth',
  promises: [
    'its connection stays open: who calls it finds out by a timeout, each time, until its session ends',
    'failover hides it at the price of a timeout, forking for nothing but twice the calls',
    'failfast fails for every call that meets it',
    'when it goes on, it lists itself again and is called again',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using rig = await DubboRig.open(stage, { sessionTimeoutMs: SESSION_MS });
    await play(stage, rig);
  },
};

async function play({ mark, verify }: DemoStage, rig: DubboRig): Promise<void> {
  const providers = await rig.providers(3);
  const zombie = providers[2] as (typeof providers)[number];
  const callers = await openAll(rig, TIMEOUT_MS);
  await rig.known(3);
  const beganMs = performance.now();
  await rig.until('calls', async () => (performance.now() - beganMs >= BEFORE_MS ? true : undefined));
  mark(`three providers, one consumer for each of ${callers.size} strategies, ${TIMEOUT_MS} ms a try`);

  zombie.service.process.pause();
  const pausedMs = performance.now();
  mark(`SIGSTOP of ${zombie.id}`);
  const forgottenMs = await rig.known(2);
  mark(
    `everybody's list is without it after ${((forgottenMs - pausedMs) / 1_000).toFixed(2)} s, when its session had ended`,
  );
  // Calls that were sent to it before that are still waited for.
  await rig.until('the last timeouts', async () =>
    performance.now() - forgottenMs >= TIMEOUT_MS + BEFORE_MS ? true : undefined,
  );
  for (const line of compared(callers, pausedMs)) mark(line);
  const during = (name: StrategyName) =>
    callers
      .get(name)
      ?.load.since(pausedMs)
      .filter(({ atMs }) => atMs < forgottenMs) ?? [];
  const failed = (name: StrategyName) => during(name).filter(({ cause }) => cause !== undefined);
  const [slow, forked, fast] = [during('failover'), during('forking'), failed('failfast')];
  const refailed =
    callers
      .get('failfast')
      ?.load.since(forgottenMs)
      .filter(({ cause }) => cause !== undefined) ?? [];

  zombie.service.process.resume();
  const resumedMs = performance.now();
  const backMs = await rig.known(3);
  const answered = await rig.until('an answer of it', async () =>
    callers
      .get('failover')
      ?.load.since(backMs)
      .find(({ by }) => by === zombie.id),
  );
  mark(
    `SIGCONT: listed again after ${((backMs - resumedMs) / 1_000).toFixed(2)} s, ` +
      `its first answer ${(answered.atMs + answered.tookMs - backMs).toFixed(0)} ms later`,
  );

  verify(
    'failover hid it, at the price of a timeout',
    failed('failover').length === 0 && tookMs(slow, 1) >= TIMEOUT_MS,
    `${slow.length} calls, ${failed('failover').length} failed, ` +
      `${slow.filter((call) => call.tookMs >= TIMEOUT_MS).length} took ${TIMEOUT_MS} ms or more, the slowest ${tookMs(slow, 1).toFixed(0)} ms`,
  );
  verify(
    'forking hid it without waiting for it',
    failed('forking').length === 0 && tookMs(forked, 0.9) < TIMEOUT_MS,
    `${forked.length} calls, ${failed('forking').length} failed, 9 of 10 within ${tookMs(forked, 0.9).toFixed(0)} ms`,
  );
  verify(
    'failfast failed by timeout, until the session had ended',
    fast.length > 0 && fast.every(({ cause }) => cause === 'DUBBO_TIMEOUT') && refailed.length === 0,
    `${fast.length} of ${during('failfast').length} failed (${causesOf(fast)}); ${refailed.length} afterwards`,
  );
  verify(
    'it came back by itself',
    true,
    `${zombie.id} answered ${((answered.atMs - resumedMs) / 1_000).toFixed(2)} s after SIGCONT`,
  );
}
