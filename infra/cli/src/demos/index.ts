/** The demos there are, in the order of the list. */
import type { Demo, DemoOfItsOwn } from './demo.js';
import { ensembleLeaderKill } from './ensemble/ensemble-leader-kill.js';
import { ensembleMigrate } from './ensemble/ensemble-migrate.js';
import { ensembleReconfig } from './ensemble/ensemble-reconfig.js';
import { cronOnce } from './recipes/cron-once.js';
import { herd } from './recipes/herd.js';
import { yarnFailover } from './yarn/yarn-failover.js';
import { yarnZombie } from './yarn/yarn-zombie.js';

export const demos: readonly (Demo | DemoOfItsOwn)[] = [
  yarnFailover,
  yarnZombie,
  ensembleLeaderKill,
  ensembleReconfig,
  ensembleMigrate,
  herd,
  cronOnce,
];
