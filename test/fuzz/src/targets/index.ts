/** Every decoder that reads what others send or wrote. A new one is a line here. */
import type { Target } from '../target.js';
import { clientTargets } from './client.js';
import { configTargets } from './config.js';
import { diskTargets } from './disk.js';
import { juteTargets } from './jute.js';
import { peerTargets } from './peers.js';

export const targets: readonly Target[] = [
  ...juteTargets,
  ...clientTargets,
  ...peerTargets,
  ...diskTargets,
  ...configTargets,
];
