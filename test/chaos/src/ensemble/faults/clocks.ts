/** Wall clocks that jump. Nothing may depend on them but the times in stats. */
import { whyNoClock } from '../cluster/clock.js';
import type { Fault } from './fault.js';

const OFFSETS_SECONDS = [-86_400, -3_600, -30, 30, 3_600, 86_400] as const;

export const clockFaults: readonly Fault[] = [
  {
    name: 'clock-jump',
    company: 'any',
    ends: false,
    whyNot: whyNoClock,
    strike: async ({ ensemble, chance }) => {
      const id = chance.pick(ensemble.ids);
      const seconds = chance.pick(OFFSETS_SECONDS);
      const { clock } = ensemble.part(id);
      clock.set(seconds);
      const mend = async (): Promise<void> => clock.set(0);
      return { what: `the clock of server ${id} jumps by ${seconds} s`, victims: [], mend };
    },
  },
];
