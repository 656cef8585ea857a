/** The demos of the basic patterns. Each brings its own ensemble, services and databases. */
import type { DemoOfItsOwn } from '../demo.js';
import { adElection } from './ad-election.js';
import { barrier } from './barrier.js';
import { configSwitch } from './config-switch.js';
import { ddns } from './ddns.js';
import { fifoQueue } from './fifo-queue.js';
import { flashSale } from './flash-sale.js';
import { hosts } from './hosts.js';
import { naming } from './naming.js';
import { progress } from './progress.js';

export const patternDemos: readonly DemoOfItsOwn[] = [
  configSwitch,
  naming,
  flashSale,
  fifoQueue,
  barrier,
  ddns,
  hosts,
  progress,
  adElection,
];
