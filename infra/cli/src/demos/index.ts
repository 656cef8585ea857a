/** The demos there are, in the order of the list. */
import type { Demo, DemoOfItsOwn } from './demo.js';
import { ensembleLeaderKill } from './ensemble/ensemble-leader-kill.js';
import { ensembleMigrate } from './ensemble/ensemble-migrate.js';
import { ensembleReconfig } from './ensemble/ensemble-reconfig.js';
import { cronOnce } from './recipes/cron-once.js';
import { herd } from './recipes/herd.js';
import { kafkaBrokerKill } from './kafka/kafka-broker-kill.js';
import { kafkaControllerKill } from './kafka/kafka-controller-kill.js';
import { kafkaIsr } from './kafka/kafka-isr.js';
import { kafkaRebalance } from './kafka/kafka-rebalance.js';
import { kafkaZombieController } from './kafka/kafka-zombie-controller.js';
import { yarnFailover } from './yarn/yarn-failover.js';
import { yarnZombie } from './yarn/yarn-zombie.js';

export const demos: readonly (Demo | DemoOfItsOwn)[] = [
  yarnFailover,
  yarnZombie,
  kafkaBrokerKill,
  kafkaControllerKill,
  kafkaZombieController,
  kafkaIsr,
  kafkaRebalance,
  ensembleLeaderKill,
  ensembleReconfig,
  ensembleMigrate,
  herd,
  cronOnce,
];
