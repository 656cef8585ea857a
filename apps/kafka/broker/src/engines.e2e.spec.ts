/** The brokers that every other test runs on our ensemble, on Apache's: nothing changes but zookeeper.connect. */
import { TestKafka } from '@menagerie/kafka-testing';
import { engineAvailable, startTestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { ZooKeeper } from '@menagerie/zookeeper-client';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';

describe('on Apache ZooKeeper', () => {
  const { available, reason } = engineAvailable('apache');
  const title = 'registers, elects, replicates, survives its leader, and leaves Kafka’s own znodes';
  it.skipIf(!available)(available ? title : `${title} (skipped: ${reason})`, async () => {
    await using zookeeper = await startTestEnsemble({ engine: 'apache' });
    const properties = { 'offsets.topic.replication.factor': '2' };
    await using kafka = await TestKafka.start({ zkConnect: zookeeper.connectString, brokers: 2, properties });
    const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 };
    const client = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING, retry });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic: 't', numPartitions: 1, replicationFactor: 2 }],
      waitForLeaders: true,
    });
    await admin.disconnect();
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic: 't', acks: -1, messages: [{ value: 'before' }] });
    const leader = (await kafka.leaderOf('t'))!;
    await kafka.broker(leader.leader).process.end('SIGKILL');
    await producer.send({ topic: 't', acks: -1, messages: [{ value: 'after' }] });
    await producer.disconnect();
    await kafka.broker(leader.leader).process.start();
    await waitFor(async () => (await kafka.leaderOf('t'))?.isr.length === 2, {
      timeoutMs: 60_000,
      what: 'both in sync again',
    });
    const consumer = client.consumer({ groupId: 'g', sessionTimeout: 10_000 });
    const values: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: 't', fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void values.push(message.value!.toString()) });
    await waitFor(() => values.length >= 2, { timeoutMs: 60_000, what: 'both messages' });
    await consumer.disconnect();
    expect(values).toEqual(['before', 'after']);

    await using zk = await ZooKeeper.connect({ connect: zookeeper.connectString, sessionTimeoutMs: 5_000 });
    const read = async (path: string) =>
      JSON.parse((await zk.getData(path)).data.toString()) as Record<string, unknown>;
    expect(await read('/brokers/topics/t')).toMatchObject({ version: 2, partitions: { '0': expect.any(Array) } });
    const state = await read('/brokers/topics/t/partitions/0/state');
    expect(Object.keys(state)).toEqual(['controller_epoch', 'leader', 'version', 'leader_epoch', 'isr']);
    expect(state['leader_epoch']).toBeGreaterThan(leader.leaderEpoch);
    expect((await zk.getChildren('/brokers/ids')).children.slice().sort()).toEqual(['1', '2']);
    expect(await read('/config/topics/t')).toEqual({ version: 1, config: {} });
  });
});
