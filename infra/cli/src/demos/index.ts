/** The demos there are, in the order of the list. */
import type { Demo } from './demo.js';
import { ensembleLeaderKill } from './ensemble/ensemble-leader-kill.js';
import { yarnFailover } from './yarn/yarn-failover.js';
import { yarnZombie } from './yarn/yarn-zombie.js';

export const demos: readonly Demo[] = [yarnFailover, yarnZombie, ensembleLeaderKill];
