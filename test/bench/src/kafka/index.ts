/** The broker under librdkafka. Apache Kafka is not on this machine: figures, and the issue's own targets, no ratios. */
import type { Bench } from '../harness/bench.js';
import { librdkafkaMissing } from './client.js';
import { failover, rebalance } from './failures.js';
import { partitions } from './partitions.js';
import { latency, throughput } from './throughput.js';

export const kafkaBench: Bench = {
  subjects: ['menagerie'],
  titles: { menagerie: 'menagerie (no Apache Kafka here)' },
  settings: { mebibytes: 48, rate: 10_000, led: 30, partitions: 2_000 },
  unavailable: librdkafkaMissing,
  parts: { throughput, latency, rebalance, failover, partitions },
};
