/** One kind of thing that goes wrong. The list is `atlas.ts`, the order in which they come `schedule.ts`. */
import type { Chance } from '../../random.js';
import type { ChaosEnsemble } from '../cluster/ensemble.js';

/**
 * What else may be wrong at the same time.
 *
 * - `any`: everything of this kind. No data are lost by it, so the design promises safety whatever comes together.
 * - `alone`: nothing until all servers are well again. It takes away a copy of acknowledged data, and with another copy
 *   out of reach a quorum could be left that never had them; no replication survives that, and we do not claim to.
 */
export type Company = 'any' | 'alone';

export interface Stage {
  readonly ensemble: ChaosEnsemble;
  readonly chance: Chance;
  /** Servers that nothing else is wrong with just now. */
  readonly free: readonly number[];
}

/** A fault in force. */
export interface Struck {
  /** For the timeline: who was hit, and how. */
  readonly what: string;
  readonly victims: readonly number[];
  /** How it must be over: afterwards the victims run, or can be started. */
  readonly mend: () => Promise<void>;
}

export interface Fault {
  readonly name: string;
  readonly company: Company;
  /** Ends processes. The last part of a long soak does without, so that memory is watched over a long life. */
  readonly ends: boolean;
  /** Cuts links: one such fault at a time, since its mending mends all links. */
  readonly cuts?: boolean;
  /** Empty if it can be done here, else why not. */
  readonly whyNot: (ensemble: ChaosEnsemble) => string;
  /** Null if there is nobody to hit just now. */
  readonly strike: (stage: Stage) => Promise<Struck | null>;
}

export const always = (): string => '';

/** The leader, or anyone if there is none or it is not free. */
export async function leaderOrAny({ ensemble, chance, free }: Stage): Promise<number | null> {
  if (free.length === 0) return null;
  const leader = await ensemble.leaderId();
  return leader !== null && free.includes(leader) ? leader : chance.pick(free);
}

export function anyone({ chance, free }: Stage): number | null {
  return free.length === 0 ? null : chance.pick(free);
}

/** Whatever has become of the process meanwhile, it runs again. */
export function ensureRunning(ensemble: ChaosEnsemble, id: number): void {
  const { server } = ensemble.part(id);
  if (!server.running) server.launch();
}
