/** The consumers and producers of before 0.9 on the broker that kafkajs uses: both eras read the same log. */
import { TestKafka } from '@menagerie/kafka-testing';
import { startTestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RebalanceEvent } from './consumer/rebalance-event.js';
import { ZookeeperConsumer } from './consumer/zookeeper-consumer.js';
import { brokerByAddress } from './producer/choice.js';
import { Layer4Producer } from './producer/layer4-producer.js';
import { WatchingProducer } from './producer/watching-producer.js';

const PARTITIONS = 4;
const WAIT = { timeoutMs: 30_000 };

let zookeeper: Awaited<ReturnType<typeof startTestEnsemble>>;
let kafka: TestKafka;
let admin: ZooKeeperClient;

const session = () => ZooKeeper.connect({ connect: zookeeper.connectString, sessionTimeoutMs: 4_000 });
const text = async (path: string) => (await admin.getData(path)).data.toString();

beforeAll(async () => {
  zookeeper = await startTestEnsemble({ servers: 1 });
  const properties = { 'default.replication.factor': '1', 'offsets.topic.replication.factor': '1' };
  kafka = await TestKafka.start({ zkConnect: zookeeper.connectString, brokers: 2, properties });
  admin = await session();
});
afterAll(async () => {
  await admin?.close();
  await kafka?.close();
  await zookeeper?.close();
});

async function createTopic(topic: string, replicationFactor = 1): Promise<void> {
  const client = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING }).admin();
  await client.connect();
  await client.createTopics({
    topics: [{ topic, numPartitions: PARTITIONS, replicationFactor }],
    waitForLeaders: true,
  });
  await client.disconnect();
}

describe('a group in ZooKeeper', () => {
  it('divides, survives a member whose session ends, and goes on at the offsets in the znodes', async () => {
    await createTopic('t');
    const read: string[] = [];
    const members = await Promise.all(
      ['a', 'b', 'c'].map(async () => {
        const events: RebalanceEvent[] = [];
        const client = await session();
        const consumer = await ZookeeperConsumer.start({
          client,
          group: 'g',
          subscription: new Map([['t', 1]]),
          onRecords: (_, records) => void read.push(...records.map(({ value }) => value!.toString())),
          backoffMs: 100,
          maxTries: 50,
          startAt: 'smallest',
          observe: (event) => void events.push(event),
        });
        return { client, consumer, events };
      }),
    );
    const settled = async (of: typeof members) => {
      const owned = of.flatMap(({ consumer }) => consumer.owned.map(({ partition }) => partition)).sort();
      const nodes = await admin.getChildren('/consumers/g/owners/t').catch(() => ({ children: [] as string[] }));
      return owned.join() === '0,1,2,3' && nodes.children.length === PARTITIONS;
    };
    const balanced = async (of: typeof members) =>
      (await settled(of)) && of.every(({ consumer }) => consumer.owned.length >= Math.floor(PARTITIONS / of.length));
    await waitFor(() => balanced(members), { ...WAIT, what: 'three members to own everything' });
    for (const { consumer } of members) {
      for (const { partition } of consumer.owned) {
        expect(await text(`/consumers/g/owners/t/${partition}`)).toBe(`${consumer.consumerId}-0`);
      }
      const node = JSON.parse(await text(`/consumers/g/ids/${consumer.consumerId}`)) as object;
      expect(node).toMatchObject({ version: 1, subscription: { t: 1 }, pattern: 'static' });
    }

    const client = await session();
    const producer = await WatchingProducer.start(client, 't');
    for (let number = 0; number < 40; number++) await producer.send([Buffer.from(`before ${number}`)]);
    await waitFor(() => new Set(read).size === 40, { ...WAIT, what: 'the messages of before' });
    for (const { consumer } of members) await consumer.commit();

    // The session ends as that of a killed process does: nothing is let go by the member itself.
    const [victim, ...rest] = members;
    await victim!.client.close();
    await waitFor(() => balanced(rest), { ...WAIT, what: 'two members to own everything' });
    expect(victim!.consumer.owned).toEqual([]);
    const before = read.length;
    for (let number = 0; number < 40; number++) await producer.send([Buffer.from(`after ${number}`)]);
    await waitFor(() => read.length >= before + 40, { ...WAIT, what: 'the messages of after' });
    expect(new Set(read).size).toBe(80);
    // What had been committed was not read again.
    expect(read.slice(before).every((each) => each.startsWith('after'))).toBe(true);

    producer.close();
    await client.close();
    for (const { consumer, client: own } of rest) {
      await consumer.close();
      await own.close();
    }
    const offsets = await Promise.all([0, 1, 2, 3].map((each) => text(`/consumers/g/offsets/t/${each}`)));
    expect(offsets.map(Number).reduce((sum, each) => sum + each, 0)).toBe(80);
    expect((await admin.getChildren('/consumers/g/owners/t')).children).toEqual([]);
    expect((await admin.getChildren('/consumers/g/ids')).children).toEqual([]);
  });

  it('gives back what it claimed and tries again when another holds a part of it', async () => {
    await createTopic('held');
    await admin.mkdirp('/consumers/h/owners/held');
    await admin.create('/consumers/h/owners/held/2', 'h_elsewhere-0');
    await using client = await session();
    const events: RebalanceEvent[] = [];
    await using consumer = await ZookeeperConsumer.start({
      client,
      group: 'h',
      subscription: new Map([['held', 1]]),
      onRecords: () => undefined,
      backoffMs: 50,
      maxTries: 1_000,
      observe: (event) => void events.push(event),
    });
    await waitFor(() => events.filter(({ kind }) => kind === 'conflict').length >= 2, { ...WAIT, what: 'conflicts' });
    expect(consumer.owned).toEqual([]);
    expect(await text('/consumers/h/owners/held/2')).toBe('h_elsewhere-0');
    await admin.delete('/consumers/h/owners/held/2');
    await waitFor(() => consumer.owned.length === PARTITIONS, { ...WAIT, what: 'the partitions' });
  });
});

describe('producers when a broker dies', () => {
  it('by address: whoever has the dead one can not write; by watching: all goes to the other', async () => {
    await createTopic('p');
    const brokers = kafka.bootstrap.map((address) => {
      const [host = '', port] = address.split(':');
      return { host, port: Number(port) };
    });
    const victim = kafka.broker(2);
    const sourceOf = (address: string) => {
      for (let port = 40_000; ; port++) {
        const { host, port: chosen } = brokerByAddress(`10.0.0.7:${port}`, brokers);
        if (`${host}:${chosen}` === address) return `10.0.0.7:${port}`;
      }
    };
    const unlucky = new Layer4Producer({ source: sourceOf(victim.address), brokers });
    const lucky = new Layer4Producer({ source: sourceOf(kafka.broker(1).address), brokers });
    await using client = await session();
    const watching = await WatchingProducer.start(client, 'p');
    try {
      for (const producer of [unlucky, lucky]) await producer.send('p', [Buffer.from('x')]);
      expect(watching.targets).toEqual([1, 2]);
      await victim.process.end('SIGKILL');
      await expect(unlucky.send('p', [Buffer.from('x')])).rejects.toMatchObject({ retryable: true });
      await lucky.send('p', [Buffer.from('x')]);
      await waitFor(() => watching.targets.join() === '1', { ...WAIT, what: 'the death to be told' });
      for (let number = 0; number < 8; number++) await watching.send([Buffer.from('x')]);
      await expect(unlucky.send('p', [Buffer.from('x')])).rejects.toMatchObject({ retryable: true });
      await victim.process.start();
      await waitFor(() => watching.targets.join() === '1,2', { ...WAIT, what: 'the return to be told' });
    } finally {
      for (const producer of [unlucky, lucky, watching]) producer.close();
    }
  });
});
