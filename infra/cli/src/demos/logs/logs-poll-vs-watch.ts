/** The same reports, learned by asking and by being told: what each costs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchMode } from '@menagerie/logs-core';
import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import { LogsRig, seconds } from './rig.js';

const MEASURED_MS = 8_000;
const POLL_MS = 4_000;
const WAIT_MS = 30_000;

interface Cost {
  readonly reads: number;
  readonly notifications: number;
}

export const logsPollVsWatch: Demo = {
  name: 'logs-poll-vs-watch',
  title: 'the allocator learns of reports by polling, then by watches; what each costs',
  promises: [
    'polling costs one read a collector and poll, whatever the rate of reports, and no notification',
    'watching costs a notification, a read and a new watch for each report',
  ],
  breaksEnsemble: false,
  async run(context) {
    const { verify } = context;
    await using rig = await LogsRig.open(context, { settings: { pollMs: POLL_MS, silentAfterMs: 12_000 } });
    const poll = await measure(context, rig, 'poll');
    const watch = await measure(context, rig, 'watch');
    const collectors = (await rig.reign()).collectors.length;
    verify(
      'polling brings no notification',
      poll.notifications === 0 && poll.reads <= collectors * (MEASURED_MS / POLL_MS + 2),
      `${poll.reads} reads, ${poll.notifications} notifications of ${collectors} collectors in ${seconds(MEASURED_MS)}`,
    );
    verify(
      'watching costs more for the same knowledge',
      watch.notifications > poll.notifications && watch.reads > poll.reads,
      `${watch.reads} reads and ${watch.notifications} notifications; at 500 collectors and a report every 2 s that ` +
        'is 250 of each a second, against 100 reads a second of a poll every 5 s',
    );
    await rig.verifyLines();
  },
};

async function measure({ mark, signal }: DemoContext, rig: LogsRig, mode: WatchMode): Promise<Cost> {
  await rig.client.configure({ mode });
  await until(`mode ${mode}`, { timeoutMs: WAIT_MS, signal }, async () =>
    (await rig.reign()).settings.mode === mode ? true : undefined,
  );
  // The first look at everything belongs to the change, not to the mode.
  await sleep(POLL_MS, undefined, { signal });
  const { cost: before } = await rig.reign();
  await sleep(MEASURED_MS, undefined, { signal });
  const { cost: after } = await rig.reign();
  const cost = { reads: after.reads - before.reads, notifications: after.notifications - before.notifications };
  mark(`${mode}: ${cost.reads} reads and ${cost.notifications} notifications in ${seconds(MEASURED_MS)}`);
  return cost;
}
