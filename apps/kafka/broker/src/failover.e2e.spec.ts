/** Brokers that die, stand still and come back: nothing acknowledged is lost, nobody acts who was deposed. */
import { connectToAll, TestKafka } from '@menagerie/kafka-testing';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const WAIT_MS = 60_000;

let zookeeper: TestEnsemble;
let kafka: TestKafka;
let client: Kafka;

beforeAll(async () => {
  zookeeper = await startTestEnsemble();
  const properties = { 'min.insync.replicas': '2', 'transaction.state.log.min.isr': '1' };
  kafka = await TestKafka.start({ zkConnect: zookeeper.connectString, properties });
  const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 };
  // A broker that stands still keeps its connections and answers nothing: look elsewhere before the default of 30 s.
  const requestTimeout = 3_000;
  client = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING, retry, requestTimeout });
});

afterAll(async () => {
  await kafka?.close();
  await zookeeper?.close();
});

async function createTopic(topic: string): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 3 }], waitForLeaders: true });
  await admin.disconnect();
  await inSync(topic, 3);
}

const inSync = (topic: string, count: number) =>
  waitFor(async () => (await kafka.leaderOf(topic))?.isr.length === count, {
    timeoutMs: WAIT_MS,
    what: `${count} in sync for ${topic}`,
  });

/** Produces numbers one after the other, as fast as they are acknowledged, until it is told to stop. */
class Load {
  readonly acknowledged: number[] = [];
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly producer: Producer,
    private readonly topic: string,
  ) {}

  static async start(topic: string): Promise<Load> {
    const producer = client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
      // After a request without an answer kafkajs asks the same leader again until what it knows is older than this.
      metadataMaxAge: 1_000,
    });
    await producer.connect();
    const ids = kafka.brokers.map(({ id }) => id);
    await connectToAll(client, producer, ids);
    const load = new Load(producer, topic);
    load.running = load.run();
    await load.more(20);
    return load;
  }

  private async run(): Promise<void> {
    for (let number = 0; !this.isStopped; number++) {
      await this.producer.send({ topic: this.topic, acks: -1, messages: [{ value: String(number) }] });
      this.acknowledged.push(number);
    }
  }

  /** Waits until `count` more are acknowledged. */
  async more(count: number): Promise<void> {
    const goal = this.acknowledged.length + count;
    const progress = waitFor(() => this.acknowledged.length >= goal, {
      timeoutMs: WAIT_MS,
      what: `${count} more acknowledged`,
    });
    await Promise.race([progress, this.running.then(() => progress)]);
  }

  async stop(): Promise<readonly number[]> {
    this.isStopped = true;
    await this.running;
    await this.producer.disconnect();
    return this.acknowledged;
  }
}

async function readAll(topic: string, atLeast: number): Promise<readonly number[]> {
  const consumer = client.consumer({ groupId: `g-${topic}`, sessionTimeout: 10_000 });
  const numbers: number[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void numbers.push(Number(message.value!.toString())) });
  await waitFor(() => numbers.length >= atLeast, { timeoutMs: WAIT_MS, what: `${atLeast} messages of ${topic}` });
  await consumer.disconnect();
  return numbers;
}

describe('a broker that dies', () => {
  it('kill -9 of the leader under acks=all: each acknowledged message once, in order, and it catches up again', async () => {
    await createTopic('survives');
    const load = await Load.start('survives');
    const { leader, leaderEpoch } = (await kafka.leaderOf('survives'))!;
    await kafka.broker(leader).process.end('SIGKILL');
    await load.more(20);
    const next = (await kafka.leaderOf('survives'))!;
    expect(next.leader).not.toBe(leader);
    expect(next.leaderEpoch).toBeGreaterThan(leaderEpoch);
    await kafka.broker(leader).process.start();
    await inSync('survives', 3);
    await load.more(20);
    const acknowledged = await load.stop();
    expect(await readAll('survives', acknowledged.length)).toEqual(acknowledged);
  });

  it('SIGTERM hands its leaderships over before it goes: nobody waits for a session to end', async () => {
    await createTopic('handed-over');
    const load = await Load.start('handed-over');
    const { leader } = (await kafka.leaderOf('handed-over'))!;
    await kafka.broker(leader).process.end('SIGTERM');
    expect(kafka.broker(leader).process.logTail()).toContain('"msg":"stopped"');
    await load.more(20);
    await kafka.broker(leader).process.start();
    await inSync('handed-over', 3);
    const acknowledged = await load.stop();
    expect(await readAll('handed-over', acknowledged.length)).toEqual(acknowledged);
  });
});

describe('a controller', () => {
  it('that is stopped past its session and goes on is fenced by its epoch, while another reigns', async () => {
    await createTopic('fenced');
    const load = await Load.start('fenced');
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
    expect(after.epoch).toBe(before.epoch + 1);
    await load.more(20);
    zombie.resume();
    await waitFor(
      async () => {
        const view = await kafka.view(before.id);
        return view !== null && view.controllerEpoch === null && view.controllerId === after.id;
      },
      { timeoutMs: WAIT_MS, what: 'the old controller to know that it is none' },
    );
    await inSync('fenced', 3);
    const acknowledged = await load.stop();
    expect(await readAll('fenced', acknowledged.length)).toEqual(acknowledged);
    expect(await kafka.controller()).toEqual(after);
  });
});

describe('a follower', () => {
  it('that stands still leaves the ISR and joins again when it has caught up', async () => {
    await createTopic('lags');
    const { leader } = (await kafka.leaderOf('lags'))!;
    const controller = (await kafka.controller())!;
    const slow = kafka.brokers.find(({ id }) => id !== leader && id !== controller.id)!;
    const load = await Load.start('lags');
    slow.process.pause();
    await inSync('lags', 2);
    await load.more(20);
    slow.process.resume();
    await inSync('lags', 3);
    await load.stop();
  });
});
