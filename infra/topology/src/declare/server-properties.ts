/** The configuration of one Kafka broker, as `bin/kafka-broker` (and Kafka itself) reads it. */
import type { Place } from './model.js';

/** Not to one disk: every topic has a copy on each broker, and is written to while two of them are there. */
const REPLICAS = 3;
const MIN_IN_SYNC = 2;

export function renderServerProperties(place: Place): string {
  const settings = {
    'broker.id': place.number,
    listeners: `PLAINTEXT://${place.host}:${place.port('client')}`,
    'log.dirs': `${place.dataDir}/logs`,
    'zookeeper.connect': place.zkConnect,
    // A broker that dies is missed after this; Kafka's own 18 s are for machines that stand still for long.
    'zookeeper.session.timeout.ms': 6_000,
    'zookeeper.connection.timeout.ms': 60_000,
    'num.partitions': 3,
    'default.replication.factor': REPLICAS,
    'min.insync.replicas': MIN_IN_SYNC,
    'offsets.topic.num.partitions': 12,
    'offsets.topic.replication.factor': REPLICAS,
    'transaction.state.log.num.partitions': 12,
    'transaction.state.log.replication.factor': REPLICAS,
    'transaction.state.log.min.isr': MIN_IN_SYNC,
    'group.initial.rebalance.delay.ms': 0,
    'replica.lag.time.max.ms': 10_000,
    'replica.fetch.backoff.ms': 200,
    'admin.http.listener': `http://${place.host}:${place.port('http')}`,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return ['# Written by the launcher at each start: changes here do not last.', ...lines, ''].join('\n');
}
