/** SIGSTOP of a collector past its time, and what happens when it goes on with a list that is no longer true. */
import { FileSink } from '@menagerie/logs-sink';
import type { Demo } from '../demo.js';
import { until } from '../until.js';
import { busyCollector, LogsRig } from './rig.js';

const WAIT_MS = 60_000;

export const logsZombie: Demo = {
  name: 'logs-zombie',
  title: 'a collector is stopped until others have its sources, then goes on as if nothing had happened',
  promises: [
    'its sources are given to others under a later generation, and the sink knows only that',
    'what it still has is refused by the sink, or it finds out first by reading its list again',
    'no line is lost, none is there twice',
  ],
  breaksEnsemble: false,
  async run(context) {
    const { chaos, mark, verify, signal } = context;
    await using rig = await LogsRig.open(context);
    const wait = { timeoutMs: WAIT_MS, signal };
    const before = await rig.settled();
    const zombie = busyCollector(before);
    const had = [...before].filter(([, owner]) => owner === zombie).map(([source]) => source);
    const known = await rig.duties(zombie);
    const staleGen = known.list.gen;
    const { pid } = await chaos.pause(zombie);
    mark(
      `${zombie} stopped (SIGSTOP, process ${pid}) with a list of generation ${staleGen}, ${had.length} sources of it ours`,
    );
    await until('its sources with others', wait, async () => {
      const owners = await rig.owners();
      return owners.size === before.size && !new Set(owners.values()).has(zombie) ? true : undefined;
    });
    const generations = await until('the others at the sink', wait, async () => {
      const now = await rig.sinkGenerations();
      return had.every((source) => (now.get(source) ?? 0) > staleGen) ? now : undefined;
    });
    const now = had.map((source) => generations.get(source) ?? 0);
    mark(`others write them now, by generation ${Math.min(...now)}`);

    // What the stopped process would do next, done in its place: nobody can say what it will get to first when it wakes.
    const [first = ''] = had;
    const refusal = await new FileSink(rig.sinkDir).open(first, staleGen).then(
      () => 'taken',
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );
    mark(`a batch under generation ${staleGen} is answered with ${refusal}`);
    await chaos.resume(zombie);
    mark(`${zombie} goes on (SIGCONT)`);
    const woken = await until(`${zombie} with a list of today`, wait, async () => {
      const duties = await rig.duties(zombie);
      return duties.list.gen > staleGen && duties.fenced.length === 0 ? duties : undefined;
    });
    const refusals = woken.refusals - known.refusals;
    mark(
      `${zombie} carries out generation ${woken.list.gen}; it ` +
        (woken.pauses > known.pauses
          ? 'noticed that it had been stopped and read its list again'
          : 'read its list again') +
        `, and was refused ${refusals} times`,
    );

    verify(
      'the sink refuses a stale generation',
      refusal === 'LOGS_STALE_GENERATION',
      `generation ${staleGen} against ${generations.get(first)}: ${refusal}`,
    );
    verify(
      'it stopped what was no longer its own',
      woken.list.gen > staleGen,
      `list of generation ${woken.list.gen} instead of ${staleGen}, ${woken.pauses - known.pauses} pause noticed, ` +
        `${refusals} batches refused`,
    );
    await rig.verifyLines();
  },
};
