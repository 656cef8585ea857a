/** All that can go wrong, and nothing that the design does not promise to survive. */
import type { ChaosEnsemble } from '../cluster/ensemble.js';
import { clockFaults } from './clocks.js';
import { diskFaults } from './disks.js';
import type { Fault } from './fault.js';
import { partitionFaults } from './partitions.js';
import { processFaults } from './processes.js';

export const atlas: readonly Fault[] = [...processFaults, ...partitionFaults, ...diskFaults, ...clockFaults];

/** Those that can be done here, of those asked for; what can not is told with its reason. */
export function faultsFor(ensemble: ChaosEnsemble, only: readonly string[], leftOut: (line: string) => void): Fault[] {
  const asked = atlas.filter(({ name }) => only.length === 0 || only.includes(name));
  return asked.filter((fault) => {
    const why = fault.whyNot(ensemble);
    if (why !== '') leftOut(`${fault.name} is left out: ${why}`);
    return why === '';
  });
}
