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
import { kafkaTwoEras } from './kafka/kafka-two-eras.js';
import { kafkaZombieController } from './kafka/kafka-zombie-controller.js';
import { logsAllocatorKill } from './logs/logs-allocator-kill.js';
import { logsBlink } from './logs/logs-blink.js';
import { logsCollectorKill } from './logs/logs-collector-kill.js';
import { logsEnsembleDown } from './logs/logs-ensemble-down.js';
import { logsKafka } from './logs/logs-kafka.js';
import { logsPollVsWatch } from './logs/logs-poll-vs-watch.js';
import { logsScaleOut } from './logs/logs-scale-out.js';
import { logsZombie } from './logs/logs-zombie.js';
import { dubboDemos } from './dubbo/index.js';
import { patternDemos } from './patterns/index.js';
import { replicatorDemos } from './replicator/index.js';
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
  kafkaTwoEras,
  ensembleLeaderKill,
  ensembleReconfig,
  ensembleMigrate,
  herd,
  cronOnce,
  logsScaleOut,
  logsCollectorKill,
  logsBlink,
  logsZombie,
  logsAllocatorKill,
  logsEnsembleDown,
  logsPollVsWatch,
  logsKafka,
  ...replicatorDemos,
  ...patternDemos,
  ...dubboDemos,
];
