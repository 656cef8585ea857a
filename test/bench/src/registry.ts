/** Every benchmark by name. A line here and a folder beside `ensemble/` is all that a new one needs. */
import type { Bench } from './harness/bench.js';

export interface RegisteredBench {
  readonly about: string;
  /** Loaded when it is asked for: one bench does not pay for the clients of another. */
  load(): Promise<Bench>;
}

export const BENCHES: Readonly<Record<string, RegisteredBench>> = {
  ensemble: {
    about: 'our server and Apache ZooKeeper 3.8: throughput, CPU, latency, failover, memory, start',
    load: async () => (await import('./ensemble/index.js')).ensembleBench,
  },
  client: {
    about: 'our client, node-zookeeper-client and the native zookeeper package: calls a second, latency, CPU',
    load: async () => (await import('./client/index.js')).clientBench,
  },
  kafka: {
    about: 'the broker under librdkafka: throughput, latency, rebalance, failover, partitions, memory',
    load: async () => (await import('./kafka/index.js')).kafkaBench,
  },
  patterns: {
    about: 'the basic patterns on our ensemble and on Apache ZooKeeper 3.8: publications, ids, locks, queues',
    load: async () => (await import('./patterns/index.js')).patternsBench,
  },
  logs: {
    about: 'log collection and tail -F | cat: bytes a second, how fast a dead collector is replaced, what moves',
    load: async () => (await import('./logs/index.js')).logsBench,
  },
  replicator: {
    about: "the replicator and MariaDB's own replication: rows a second, commit to applied, takeover",
    load: async () => (await import('./replicator/index.js')).replicatorBench,
  },
  rpc: {
    about:
      'calls through discovery and balancing, plain gRPC and plain HTTP/JSON: calls a second, p99; how news travels',
    load: async () => (await import('./rpc/index.js')).rpcBench,
  },
};
