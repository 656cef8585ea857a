/** The faults of one round, drawn by chance: some together, or one that must be alone. Afterwards everything is mended. */
import { setTimeout as delay } from 'node:timers/promises';
import { Chance } from '../../random.js';
import type { SoakRun } from '../../soak/scenario.js';
import type { ChaosEnsemble } from '../cluster/ensemble.js';
import type { Fault, Struck } from './fault.js';

const FAULTS_A_ROUND = { least: 2, most: 5 } as const;
const TOGETHER = 2;
const SHARE_OF_LONELY_ROUNDS = 0.2;
const [SHORTEST_HOLD_MS, LONGEST_HOLD_MS] = [300, 5_000] as const;
const [SHORTEST_GAP_MS, LONGEST_GAP_MS] = [200, 1_500] as const;

interface InForce {
  readonly fault: Fault;
  readonly struck: Struck;
  readonly over: Promise<void>;
}

export async function faultsOfARound(run: SoakRun, ensemble: ChaosEnsemble, faults: readonly Fault[]): Promise<void> {
  const { chance } = run;
  const lonely = faults.filter(({ company }) => company === 'alone');
  const others = faults.filter(({ company }) => company === 'any');
  const isLonely = others.length === 0 || (lonely.length > 0 && chance.next() < SHARE_OF_LONELY_ROUNDS);
  if (isLonely) {
    // Begins on whole servers, whatever a round before has left to do.
    await ensemble.allServing();
    const inForce = await strike(run, ensemble, chance.pick(lonely), []);
    await inForce?.over;
    return;
  }
  const count = FAULTS_A_ROUND.least + chance.below(FAULTS_A_ROUND.most - FAULTS_A_ROUND.least + 1);
  const inForce = new Set<InForce>();
  for (let struck = 0; struck < count && !run.signal.aborted; struck++) {
    while (inForce.size >= TOGETHER) await Promise.race([...inForce].map(({ over }) => over));
    const fault = chance.pick(others);
    // One that cuts links waits for the other: the mending of either mends all links.
    const cutting = [...inForce].find((other) => other.fault.cuts === true);
    if (fault.cuts === true && cutting !== undefined) await cutting.over;
    const one = await strike(run, ensemble, fault, [...inForce]);
    if (one !== null) {
      inForce.add(one);
      // A mending that fails is told by `over` where it is awaited at the end.
      void one.over.then(
        () => inForce.delete(one),
        () => undefined,
      );
    }
    await delay(between(chance, SHORTEST_GAP_MS, LONGEST_GAP_MS));
  }
  await Promise.all([...inForce].map(({ over }) => over));
}

async function strike(
  run: SoakRun,
  ensemble: ChaosEnsemble,
  fault: Fault,
  inForce: readonly InForce[],
): Promise<InForce | null> {
  const hit = new Set(inForce.flatMap(({ struck }) => struck.victims));
  const free = ensemble.ids.filter((id) => !hit.has(id));
  const holdMs = between(run.chance, SHORTEST_HOLD_MS, LONGEST_HOLD_MS);
  // A stream of its own: how much of it is drawn depends on the servers, what comes after it must not.
  const chance = new Chance(run.chance.below(0x7fff_ffff));
  const struck = await fault.strike({ ensemble, chance, free });
  if (struck === null) return null;
  run.fault(fault.name, `${struck.what}, for ${holdMs} ms`);
  const over = (async () => {
    await delay(holdMs);
    await struck.mend();
    run.note(`${fault.name} mended: ${struck.what}`);
  })();
  return { fault, struck, over };
}

const between = (chance: Chance, least: number, most: number): number => least + chance.below(most - least + 1);
