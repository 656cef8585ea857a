/** Brokers that die, stand still and come back under load: nothing acknowledged is lost, nobody acts who was deposed. */
import { TestKafka } from '@menagerie/kafka-testing';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const WAIT_MS = 60_000;
const TOPIC = 'numbers';
/** One a broker: whoever dies leads one of them and follows in the others. */
const PARTITIONS = [0, 1, 2];

let zookeeper: TestEnsemble;
let kafka: TestKafka;
let client: Kafka;
let load: Load;

beforeAll(async () => {
  zookeeper = await startTestEnsemble();
  const properties = {
    'min.insync.replicas': '2',
    // Well below the session: who stands still is missed by the leaders that it follows before the controller misses it.
    'replica.lag.time.max.ms': '1000',
    'auto.leader.rebalance.enable': 'false',
  };
  kafka = await TestKafka.start({ zkConnect: zookeeper.connectString, properties });
  const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 };
  // A broker that stands still keeps its connections and answers nothing: look elsewhere before the default of 30 s.
  const requestTimeout = 3_000;
  const options = { brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING, retry };
  client = new Kafka({ ...options, requestTimeout });
  const admin = new Kafka(options).admin();
  await admin.connect();
  const topics = [{ topic: TOPIC, numPartitions: PARTITIONS.length, replicationFactor: 3 }];
  await admin.createTopics({ topics, waitForLeaders: true });
  await admin.disconnect();
  await inSync(3);
  load = await Load.start();
});

afterAll(async () => {
  await kafka?.close();
  await zookeeper?.close();
});

const leaders = () => Promise.all(PARTITIONS.map((partition) => kafka.leaderOf(TOPIC, partition)));

/** Every partition has a leader, and so many in sync. */
const inSync = (count: number) =>
  waitFor(async () => (await leaders()).every((leader) => leader?.isr.length === count), {
    timeoutMs: WAIT_MS,
    what: `${count} in sync for all of ${TOPIC}`,
  });

/**
 * Produces numbers to each partition, one after the other, as fast as they are acknowledged.
 *
 * To all partitions, for kafkajs asks only brokers to which it is connected who leads. A producer of one partition is
 * connected to that one's leader, and to another broker with luck; without, and with a leader that stands still, it asks
 * that leader for as long as it stands.
 */
class Load {
  readonly acknowledged: readonly number[][] = PARTITIONS.map(() => []);
  private isStopped = false;
  private running: Promise<unknown> = Promise.resolve();

  private constructor(private readonly producer: Producer) {}

  static async start(): Promise<Load> {
    const producer = client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
      // After a request without an answer kafkajs asks the same leader again until what it knows is older than this.
      metadataMaxAge: 1_000,
    });
    await producer.connect();
    const load = new Load(producer);
    load.running = Promise.all(PARTITIONS.map((partition) => load.run(partition)));
    await load.more(20);
    return load;
  }

  private async run(partition: number): Promise<void> {
    for (let number = 0; !this.isStopped; number++) {
      await this.producer.send({ topic: TOPIC, acks: -1, messages: [{ partition, value: String(number) }] });
      this.acknowledged[partition]!.push(number);
    }
  }

  /** Waits until `count` more are acknowledged in each partition. */
  async more(count: number): Promise<void> {
    const goals = this.acknowledged.map((numbers) => numbers.length + count);
    const progress = waitFor(() => this.acknowledged.every((numbers, index) => numbers.length >= goals[index]!), {
      timeoutMs: WAIT_MS,
      what: `${count} more acknowledged in each partition`,
    });
    await Promise.race([progress, this.running.then(() => progress)]);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
    await this.producer.disconnect();
  }
}

/** By partition, in the order of the log. */
async function readAll(atLeast: number): Promise<readonly (readonly number[])[]> {
  const consumer = client.consumer({ groupId: 'readers', sessionTimeout: 10_000 });
  const numbers: number[][] = PARTITIONS.map(() => []);
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => void numbers[partition]!.push(Number(message.value!.toString())),
  });
  await waitFor(() => numbers.flat().length >= atLeast, { timeoutMs: WAIT_MS, what: `${atLeast} messages` });
  await consumer.disconnect();
  return numbers;
}

describe('under acks=all', () => {
  it('SIGTERM hands leaderships over before the broker goes: nobody waits for a session to end', async () => {
    const { leader } = (await kafka.leaderOf(TOPIC))!;
    await kafka.broker(leader).process.end('SIGTERM');
    expect(kafka.broker(leader).process.logTail()).toContain('"msg":"stopped"');
    await load.more(20);
    await kafka.broker(leader).process.start();
    await inSync(3);
  });

  it('kill -9 of a leader: another of those in sync leads in a newer epoch, and it catches up when it is back', async () => {
    const { leader, leaderEpoch } = (await kafka.leaderOf(TOPIC))!;
    await kafka.broker(leader).process.end('SIGKILL');
    await load.more(20);
    const next = (await kafka.leaderOf(TOPIC))!;
    expect(next.leader).not.toBe(leader);
    expect(next.leaderEpoch).toBeGreaterThan(leaderEpoch);
    await kafka.broker(leader).process.start();
    await inSync(3);
  });

  it('a follower that stands still leaves the ISR and joins again when it has caught up', async () => {
    const { leader } = (await kafka.leaderOf(TOPIC))!;
    const controller = (await kafka.controller())!;
    const slow = kafka.brokers.find(({ id }) => id !== leader && id !== controller.id)!;
    slow.process.pause();
    await waitFor(async () => (await kafka.leaderOf(TOPIC))?.isr.includes(slow.id) === false, {
      timeoutMs: WAIT_MS,
      what: 'the ISR without it',
    });
    slow.process.resume();
    await load.more(20);
    await inSync(3);
  });

  it('a controller that is stopped past its session and goes on is fenced by its epoch, while another reigns', async () => {
    const before = (await kafka.controller())!;
    const zombie = kafka.broker(before.id).process;
    zombie.pause();
    const after = await waitFor(
      async () => {
        const now = await kafka.controller();
        return now !== null && now.id !== before.id ? now : null;
      },
      { timeoutMs: WAIT_MS, what: 'another controller' },
    );
    expect(after.epoch).toBeGreaterThan(before.epoch);
    await load.more(20);
    const led = await leaders();
    zombie.resume();
    await waitFor(
      async () => {
        const view = await kafka.view(before.id);
        return view !== null && view.controllerEpoch !== before.epoch && view.controllerId >= 0;
      },
      { timeoutMs: WAIT_MS, what: 'the old controller to know that its reign is over' },
    );
    await inSync(3);
    expect((await kafka.controller())!.epoch).toBeGreaterThanOrEqual(after.epoch);
    for (const [index, now] of (await leaders()).entries()) {
      expect(now!.leaderEpoch).toBeGreaterThanOrEqual(led[index]!.leaderEpoch);
    }
  });

  it('after all of that each acknowledged message is in the log once, in order', async () => {
    await load.stop();
    expect(await readAll(load.acknowledged.flat().length)).toEqual(load.acknowledged);
  });
});
