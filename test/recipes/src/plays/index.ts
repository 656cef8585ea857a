import { barrierPlays } from './barriers.js';
import { leaderPlays } from './leaders.js';
import { lockPlays } from './locks.js';
import type { Play } from './play.js';
import { presencePlays } from './presence.js';
import { queuePlays } from './queues.js';
import { valuePlays } from './values.js';

export const plays: readonly Play[] = [
  ...lockPlays,
  ...leaderPlays,
  ...queuePlays,
  ...barrierPlays,
  ...valuePlays,
  ...presencePlays,
];
