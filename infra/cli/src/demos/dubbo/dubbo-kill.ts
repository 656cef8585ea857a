/** kill -9 of one provider of three: what each strategy makes of it until the registry knows. */
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { causesOf } from './call-load.js';
import { DubboRig } from './rig.js';
import { compared, openAll } from './strategies.js';

const SESSION_MS = 6_000;
const TIMEOUT_MS = 1_000;
const BEFORE_MS = 1_000;

export const dubboKill: DemoOfItsOwn = {
  name: 'dubbo-kill',
  title: 'kill -9 of a Dubbo provider: seven strategies beside each other',
  promises: [
    'the dead one stays in the registry until its session ends, and its connection is seen broken at once',
    'failover and forking hide it: no call fails',
    'failsafe and failback answer with nothing, failfast fails, and only calls that were under way or just after',
    'broadcast wants everybody, and fails until the registry has forgotten the dead one',
  ],
  standsAlone: true,
  run: async (stage) => {
    await using rig = await DubboRig.open(stage, { sessionTimeoutMs: SESSION_MS });
    await play(stage, rig);
  },
};

async function play({ mark, verify }: DemoStage, rig: DubboRig): Promise<void> {
  const providers = await rig.providers(3);
  const victim = providers[2] as (typeof providers)[number];
  const callers = await openAll(rig, TIMEOUT_MS);
  await rig.known(3);
  const beganMs = performance.now();
  await rig.until('calls', async () => (performance.now() - beganMs >= BEFORE_MS ? true : undefined));
  mark(`three providers, one consumer for each of ${callers.size} strategies`);

  const killedMs = performance.now();
  await victim.service.process.end('SIGKILL');
  const stillListed = (await rig.listed()).includes(victim.address);
  mark(`kill -9 of ${victim.id}; in the registry: ${stillListed ? 'still' : 'not any more'}`);
  const forgottenMs = await rig.known(2);
  mark(
    `everybody's list is without it after ${((forgottenMs - killedMs) / 1_000).toFixed(2)} s, when its session had ended`,
  );
  await rig.until('calls with two', async () => (performance.now() - forgottenMs >= BEFORE_MS ? true : undefined));
  for (const { load } of callers.values()) await load.stop();
  for (const line of compared(callers, killedMs)) mark(line);

  const failuresOf = (name: Parameters<typeof callers.get>[0]) => callers.get(name)?.load.failures ?? [];
  const last = (name: Parameters<typeof callers.get>[0]) => failuresOf(name).at(-1)?.atMs ?? killedMs;
  verify(
    'the registry still listed it when it was dead',
    stillListed,
    `${victim.address} stood there for ${((forgottenMs - killedMs) / 1_000).toFixed(2)} s`,
  );
  verify(
    'failover and forking hid it',
    failuresOf('failover').length + failuresOf('forking').length === 0,
    `failover: ${callers.get('failover')?.reference.counts.retried} retried, ${failuresOf('failover').length} failed; ` +
      `forking: ${failuresOf('forking').length} failed`,
  );
  verify(
    'failfast failed only until the broken connection was seen, not until the registry knew',
    last('failfast') - killedMs < (forgottenMs - killedMs) / 2,
    `${failuresOf('failfast').length} failed (${causesOf(failuresOf('failfast'))}), the last of them ` +
      `${(last('failfast') - killedMs).toFixed(0)} ms after the kill`,
  );
  const swallowed = ['failsafe', 'failback'] as const;
  verify(
    'failsafe and failback failed nobody',
    swallowed.every((name) => failuresOf(name).length === 0),
    swallowed.map((name) => `${name}: ${failuresOf(name).length} failed`).join('; '),
  );
  verify(
    'broadcast failed as long as the dead one was listed, and no longer',
    failuresOf('broadcast').length > 0 && last('broadcast') <= forgottenMs,
    `${failuresOf('broadcast').length} failed, the last ${((last('broadcast') - killedMs) / 1_000).toFixed(2)} s after the kill`,
  );
}
