/** A collector that is back within the delay: nothing moves. The same without a delay: everything it had moves, twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Demo } from '../demo.js';
import { until } from '../until.js';
import { busyCollector, LogsRig, moved } from './rig.js';

const WAIT_MS = 60_000;
/** Long enough to be called silent. */
const AWAY_MS = 5_000;

export const logsBlink: Demo = {
  name: 'logs-blink',
  title: 'a collector is restarted: within the delay, and with no delay at all',
  promises: [
    'a restart within the delay moves nothing: it goes on with the list it had',
    'with a delay of 0 the same restart moves its sources away',
    'no line is lost either way',
  ],
  breaksEnsemble: false,
  async run(context) {
    const { chaos, mark, verify, signal } = context;
    await using rig = await LogsRig.open(context, { settings: { moveDelayMs: 30_000 } });
    const before = await rig.settled();
    const blinker = busyCollector(before);
    const movesBefore = (await rig.reign()).moves;
    await chaos.kill(blinker);
    mark(`${blinker} killed (SIGKILL); the delay is 30 s`);
    await sleep(AWAY_MS, undefined, { signal });
    const verdict = (await rig.reign()).collectors.find(({ id }) => id === blinker)?.verdict;
    mark(`${blinker} has been away for ${AWAY_MS / 1_000} s, the allocator calls it ${verdict}`);
    await chaos.restart(blinker);
    await until(`${blinker} alive`, { timeoutMs: WAIT_MS, signal }, async () =>
      (await rig.reign()).collectors.find(({ id }) => id === blinker)?.verdict === 'alive' ? true : undefined,
    );
    const after = await rig.settled();
    const moves = (await rig.reign()).moves - movesBefore;
    mark(`${blinker} is back: ${rig.describe(after)}`);

    await rig.client.configure({ moveDelayMs: 0 });
    mark('the delay is 0 now');
    await chaos.kill(blinker);
    const shuffled = await until('its sources with others', { timeoutMs: WAIT_MS, signal }, async () => {
      const owners = await rig.owners();
      return owners.size === before.size && !new Set(owners.values()).has(blinker) ? owners : undefined;
    });
    mark(`its sources have moved: ${rig.describe(shuffled)}`);
    await chaos.restart(blinker);
    await until(`work for ${blinker}`, { timeoutMs: WAIT_MS, signal }, async () =>
      new Set((await rig.owners()).values()).has(blinker) ? true : undefined,
    );
    const again = await rig.settled();
    mark(`and some have moved back: ${rig.describe(again)}`);

    verify(
      'a blink within the delay moved nothing',
      moved(before, after) === 0 && moves === 0 && verdict === 'silent',
      `${moved(before, after)} of the lists differ, ${moves} moves counted, it was called ${verdict} meanwhile`,
    );
    verify(
      'without a delay the same blink cost two reshuffles',
      moved(after, shuffled) > 0 && moved(shuffled, again) > 0,
      `${moved(after, shuffled)} moved away, ${moved(shuffled, again)} moved again`,
    );
    await rig.verifyLines();
  },
};
