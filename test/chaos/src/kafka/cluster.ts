/** What the scenario runs on and against: an ensemble, three brokers, and the topics that every fault is judged by. */
import { TestKafka } from '@menagerie/kafka-testing';
import { type Engine, startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { AssignerProtocol, Kafka, logLevel } from 'kafkajs';

/** Numbers, written by the load. */
export const NUMBERS = 'numbers';
/** The same numbers, copied in transactions. */
export const COPIES = 'copies';
/** One a broker: whoever dies leads one of them and follows in the others. */
export const PARTITIONS: readonly number[] = [0, 1, 2];

/** Kafka's own default before 2.5. Shorter ones end by themselves on a machine that is kept busy. */
export const SESSION_MS = 6_000;
const IN_SYNC_WITHIN_MS = 120_000;
const RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, retries: 120 };

export class Cluster {
  private constructor(
    readonly ensemble: TestEnsemble,
    readonly kafka: TestKafka,
    readonly client: Kafka,
  ) {}

  static async start(engine: Engine): Promise<Cluster> {
    const ensemble = await startTestEnsemble({ servers: 3, engine, tickTimeMs: 500 });
    try {
      const properties = {
        'min.insync.replicas': '2',
        'transaction.state.log.min.isr': '2',
        'zookeeper.session.timeout.ms': String(SESSION_MS),
      };
      const kafka = await TestKafka.start({ zkConnect: ensemble.connectString, properties });
      const client = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING, retry: RETRY });
      const cluster = new Cluster(ensemble, kafka, client);
      await cluster.createTopics();
      return cluster;
    } catch (error) {
      await ensemble.close();
      throw error;
    }
  }

  private async createTopics(): Promise<void> {
    const admin = this.client.admin();
    await admin.connect();
    try {
      const topics = [NUMBERS, COPIES].map((topic) => ({
        topic,
        numPartitions: PARTITIONS.length,
        replicationFactor: 3,
      }));
      await admin.createTopics({ topics, waitForLeaders: true });
    } finally {
      await admin.disconnect();
    }
    await this.whole();
  }

  /** Waits until every partition has all of its replicas in sync: the next broker may die. */
  async whole(): Promise<void> {
    await waitFor(
      async () => {
        const views = await Promise.all(this.kafka.brokers.map(({ id }) => this.kafka.view(id)));
        const led = views.reduce((sum, view) => sum + (view?.leaders ?? 0), 0);
        return led >= 2 * PARTITIONS.length && views.every((view) => view?.underReplicated === 0);
      },
      { timeoutMs: IN_SYNC_WITHIN_MS, what: 'all replicas in sync' },
    );
  }

  /** A group as its coordinator sees it, and what it reads: for whoever asks why it stands still. */
  async stateOf(group: string): Promise<string> {
    const admin = this.client.admin();
    await admin.connect();
    try {
      const { groups } = await admin.describeGroups([group]);
      const members = groups[0]?.members.map(({ memberId, memberAssignment }) => {
        const { assignment } = AssignerProtocol.MemberAssignment.decode(memberAssignment) ?? {};
        return `${memberId} ${JSON.stringify(assignment)}`;
      });
      const offsets = await admin.fetchOffsets({ groupId: group });
      const logs = await Promise.all(
        this.kafka.brokers.map(async ({ id }) => {
          const partitions = await this.kafka.partitions(id);
          return { broker: id, partitions: partitions.filter(({ topic }) => topic === NUMBERS) };
        }),
      );
      return `${group}: ${groups[0]?.state} ${JSON.stringify({ members, offsets, logs })}`;
    } finally {
      await admin.disconnect();
    }
  }

  async close(): Promise<void> {
    await this.kafka.close();
    await this.ensemble.close();
  }
}
