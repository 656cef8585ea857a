/** The demos of the MySQL Replicator. Each brings its own ensemble, databases and processes. */
import type { DemoOfItsOwn } from '../demo.js';
import { replicatorCold } from './replicator-cold.js';
import { replicatorDbKill } from './replicator-db-kill.js';
import { replicatorHot } from './replicator-hot.js';
import { replicatorZombie } from './replicator-zombie.js';

export const replicatorDemos: readonly DemoOfItsOwn[] = [
  replicatorHot,
  replicatorZombie,
  replicatorCold,
  replicatorDbKill,
];
