/** Brokers for a measurement: real processes with real sessions, on an ensemble of one. */
import { TestKafka } from '@menagerie/kafka-testing';
import { startTestEnsemble, type TestEnsemble } from '@menagerie/zookeeper-testing';
import { Kafka, logLevel } from 'kafkajs';

export class BenchKafka implements AsyncDisposable {
  private constructor(
    readonly ensemble: TestEnsemble,
    readonly kafka: TestKafka,
    readonly client: Kafka,
  ) {}

  static async start(brokers: number): Promise<BenchKafka> {
    const ensemble = await startTestEnsemble({ engine: 'menagerie' });
    try {
      // The kit's times are short; a machine that is kept busy must not lose sessions or replicas over it.
      const properties = {
        'zookeeper.session.timeout.ms': '6000',
        'replica.lag.time.max.ms': '30000',
        'auto.leader.rebalance.enable': 'false',
      };
      const kafka = await TestKafka.start({ zkConnect: ensemble.connectString, brokers, properties });
      const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 100 };
      const client = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING, retry });
      return new BenchKafka(ensemble, kafka, client);
    } catch (error) {
      await ensemble.close();
      throw error;
    }
  }

  get bootstrap(): string {
    return this.kafka.bootstrap.join(',');
  }

  get pids(): readonly number[] {
    return this.kafka.brokers.flatMap(({ process }) => process.pid ?? []);
  }

  /** @returns milliseconds until every partition has a leader that says so to clients */
  async createTopic(topic: string, numPartitions: number, replicationFactor: number): Promise<number> {
    const admin = this.client.admin();
    await admin.connect();
    try {
      const beganMs = performance.now();
      await admin.createTopics({
        topics: [{ topic, numPartitions, replicationFactor }],
        waitForLeaders: true,
        timeout: 60_000,
      });
      return performance.now() - beganMs;
    } finally {
      await admin.disconnect();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kafka.close();
    await this.ensemble.close();
  }
}
