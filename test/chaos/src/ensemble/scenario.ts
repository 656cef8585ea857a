/**
 * The ensemble under every fault of the atlas. A round has two acts: first servers and their surroundings are broken while
 * clients work, and no rule may be; then everything is mended, all servers must serve and every client be answered, and
 * what is there must be what was acknowledged, on all servers alike.
 */
import { join } from 'node:path';
import type { Scenario, SoakRun } from '../soak/scenario.js';
import { ChaosEnsemble } from './cluster/ensemble.js';
import { whyNoNetwork } from './cluster/network.js';
import { atlas, faultsFor } from './faults/atlas.js';
import { faultsOfARound } from './faults/schedule.js';
import { counter, pipelined, queue, set, uniqueIds } from './workload/collections.js';
import { clear, lastLook } from './workload/last-look.js';
import { Registers } from './workload/registers.js';
import { holders, watchers } from './workload/sessions.js';
import { World, type Workload } from './workload/world.js';

/** Soaks at least this long end without the faults that end processes: memory is watched over a long life. */
const LONG_SOAK_MINUTES = 15;
const SHARE_WITH_ENDINGS = 0.55;
const SETTLED_MS = 30_000;

export const ensembleScenario = ensembleOf(3);

export function ensembleOf(size: 3 | 5): Scenario {
  return {
    summary: `${size} real servers under kills, pauses, partitions, bad disks and clocks; every answer judged by a history checker`,
    parts: atlas.map(({ name }) => name),
    run: (run) => soak(run, size),
  };
}

async function soak(run: SoakRun, size: 3 | 5): Promise<void> {
  const ensemble = await ChaosEnsemble.start(run.engine, size);
  let workloads: readonly Workload[] = [];
  try {
    if (ensemble.network === null) run.say(`all servers share one network: ${whyNoNetwork()}`);
    const faults = faultsFor(ensemble, run.only, (line) => run.say(line));
    if (faults.length === 0) throw new Error('expected a fault that can be done here, there is none');
    for (const server of ensemble.servers) run.watch({ name: `server ${server.id}`, pid: () => server.pid });
    const world = new World(
      run,
      ensemble.servers.map(({ host, clientPort }) => ({ host, port: clientPort })),
    );
    workloads = [
      new Registers(world),
      ...[set, uniqueIds, counter, queue, pipelined, holders, watchers].map((make) => make(world)),
    ];
    for (let round = 1; run.another(); round++) {
      const gentle = run.minutes >= LONG_SOAK_MINUTES && run.progress > SHARE_WITH_ENDINGS;
      const chosen = gentle ? faults.filter(({ ends }) => !ends) : faults;
      await oneRound(round, { run, ensemble, world, workloads }, chosen.length > 0 ? chosen : faults);
      ensemble.purge();
    }
  } catch (error) {
    run.violation('it runs to its end', error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    for (const workload of workloads) workload.close();
    if (run.failed) ensemble.keepEvidence(join(run.folder, 'servers'));
    await ensemble.close();
  }
}

interface Scene {
  readonly run: SoakRun;
  readonly ensemble: ChaosEnsemble;
  readonly world: World;
  readonly workloads: readonly Workload[];
}

async function oneRound(
  round: number,
  { run, ensemble, world, workloads }: Scene,
  faults: Parameters<typeof faultsOfARound>[2],
): Promise<void> {
  const root = `/round-${round}`;
  const caretaker = world.client(`caretaker of round ${round}`, SETTLED_MS);
  for (const path of [root, ...['set', 'ids', 'queue', 'crowd', 'held'].map((name) => `${root}/${name}`)]) {
    await world.answered(caretaker, { kind: 'create', path, value: path }, SETTLED_MS);
  }
  await world.answered(caretaker, { kind: 'create', path: `${root}/counter`, value: '0 at first' }, SETTLED_MS);

  let goesOn = true;
  const working = Promise.all(workloads.map((workload) => workload.work(root, () => goesOn && !run.signal.aborted)));
  try {
    await faultsOfARound(run, ensemble, faults);
  } finally {
    // Whatever came of the faults, all servers are to serve again, and the clients to come to an end.
    await ensemble.network?.heal();
    await ensemble.allServing();
    goesOn = false;
    await working;
  }
  await world.checkAtTheEnd(caretaker);
  const nodes = await lastLook(world, root);
  run.note(`round ${round}: ${nodes} nodes, the same on all servers`);
  await clear(world, caretaker, root);
  await caretaker.close(2_000);
  world.history.forget(root);
}
