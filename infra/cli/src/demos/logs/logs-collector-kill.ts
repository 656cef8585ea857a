/** kill -9 of a collector: its sources go to the others, and nobody else's move. */
import type { Demo } from '../demo.js';
import { until } from '../until.js';
import { busyCollector, LogsRig, moved, seconds } from './rig.js';

const MOVED_MS = 60_000;

export const logsCollectorKill: Demo = {
  name: 'logs-collector-kill',
  title: 'a collector is killed with kill -9 while programs log',
  promises: [
    'its silence is noticed, and after the delay its sources go to the others; nothing else moves',
    'the heirs go on at the offset at which the sink ends: no line is lost, none is there twice',
    'when it is back it gets work again',
  ],
  breaksEnsemble: false,
  async run(context) {
    const { chaos, mark, verify, signal } = context;
    await using rig = await LogsRig.open(context);
    const before = await rig.settled();
    const victim = busyCollector(before);
    const had = [...before].filter(([, owner]) => owner === victim).map(([source]) => source);

    const killedAtMs = performance.now();
    await chaos.kill(victim);
    mark(`${victim} killed (SIGKILL); it had ${had.length} of the sources`);
    const wait = { timeoutMs: MOVED_MS, signal };
    await until(`${victim} silent`, wait, async () =>
      (await rig.reign()).collectors.find(({ id }) => id === victim)?.verdict === 'alive' ? undefined : true,
    );
    const noticedMs = performance.now() - killedAtMs;
    mark('the allocator calls it silent, and waits in case it blinks');
    const after = await until('its sources with others', wait, async () => {
      const owners = await rig.owners();
      return owners.size === before.size && !new Set(owners.values()).has(victim) ? owners : undefined;
    });
    const movedMs = performance.now() - killedAtMs;
    mark(`its sources have new collectors: ${rig.describe(after)}`);
    await chaos.restart(victim);
    const back = await until(`work for ${victim}`, wait, async () => {
      const owners = await rig.owners();
      return owners.size === before.size && new Set(owners.values()).has(victim) ? owners : undefined;
    });
    mark(`${victim} is back: ${rig.describe(back)}`);

    const { settings } = await rig.reign();
    verify(
      'only what the dead one had has moved',
      moved(before, after) === had.length,
      `${moved(before, after)} moved, ${had.length} were its own`,
    );
    verify(
      'it was neither too early nor for ever',
      noticedMs >= settings.silentAfterMs - 1_500 && movedMs >= settings.moveDelayMs,
      `noticed after ${seconds(noticedMs)} (silent after ${seconds(settings.silentAfterMs)} without a report), ` +
        `moved after ${seconds(movedMs)} (delay ${seconds(settings.moveDelayMs)})`,
    );
    verify(
      'back, it gets a share and no more',
      moved(after, back) > 0 && moved(after, back) <= Math.ceil((await rig.reign()).sources / 3),
      `${moved(after, back)} sources moved to it`,
    );
    await rig.verifyLines();
  },
};
