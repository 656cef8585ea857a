/** Clients of the wild, unmodified, against three brokers: kafkajs, kcat, and a program of librdkafka. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TestKafka } from '@menagerie/kafka-testing';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const isThere = (program: string) => spawnSync('which', [program]).status === 0;
const hasLibrdkafka = spawnSync('sh', ['-c', 'echo "#include <librdkafka/rdkafka.h>" | cc -E -']).status === 0;
const CLIENT_MS = 60_000;

let zookeeper: TestEnsemble;
let kafka: TestKafka;
let client: Kafka;

beforeAll(async () => {
  zookeeper = await startTestEnsemble();
  kafka = await TestKafka.start({ zkConnect: zookeeper.connectString });
  client = new Kafka({ brokers: [...kafka.bootstrap], clientId: 'test', logLevel: logLevel.NOTHING });
});

afterAll(async () => {
  await kafka?.close();
  await zookeeper?.close();
});

async function createTopic(topic: string, numPartitions = 1, configEntries: { name: string; value: string }[] = []) {
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: true });
  await admin.disconnect();
}

/** The values a new group reads from the beginning, once there are `count`. */
async function consume(topic: string, count: number, groupId = `g-${topic}`): Promise<readonly string[]> {
  const consumer = client.consumer({ groupId, sessionTimeout: 10_000 });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void values.push(message.value?.toString() ?? '') });
  await waitFor(() => values.length >= count, { timeoutMs: CLIENT_MS, what: `${count} messages of ${topic}` });
  await consumer.disconnect();
  return values;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

describe('kafkajs', () => {
  it('administers topics: creates, describes, alters, enlarges, deletes', async () => {
    const admin = client.admin();
    await admin.connect();
    await createTopic('managed', 2, [{ name: 'cleanup.policy', value: 'compact' }]);
    const topicConfig = async () => {
      const resources = [{ type: 2, name: 'managed', configNames: ['cleanup.policy', 'retention.ms'] }];
      const { resources: described } = await admin.describeConfigs({ resources, includeSynonyms: false });
      return described[0]!.configEntries.map(({ configName, configValue }) => `${configName}=${configValue}`);
    };
    expect(await topicConfig()).toEqual(['cleanup.policy=compact', 'retention.ms=604800000']);
    const configEntries = [{ name: 'retention.ms', value: '1000' }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: 'managed', configEntries }] });
    await waitFor(async () => (await topicConfig()).join() === 'cleanup.policy=delete,retention.ms=1000', {
      timeoutMs: 20_000,
      what: 'the new config at every broker asked',
    });
    await admin.createPartitions({ topicPartitions: [{ topic: 'managed', count: 4 }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: ['managed'] });
    expect(topics[0]!.partitions.map(({ isr }) => isr.length)).toEqual([3, 3, 3, 3]);
    await admin.deleteTopics({ topics: ['managed'] });
    expect(await admin.listTopics()).not.toContain('managed');
    await admin.disconnect();
  });

  it('a group divides the partitions, each message reaches one member, and offsets are remembered', async () => {
    await createTopic('shared', 3);
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic: 'shared', messages: numbers(60).map((value) => ({ key: value, value })) });
    const seen: string[] = [];
    const assigned: number[] = [];
    const members = await Promise.all(
      [0, 1].map(async (index) => {
        const consumer = client.consumer({ groupId: 'pair', sessionTimeout: 10_000, rebalanceTimeout: 10_000 });
        await consumer.connect();
        consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
          assigned[index] = Object.values(payload.memberAssignment).flat().length;
        });
        await consumer.subscribe({ topic: 'shared', fromBeginning: true });
        await consumer.run({ eachMessage: async ({ message }) => void seen.push(message.value!.toString()) });
        return consumer;
      }),
    );
    await waitFor(() => new Set(seen).size === 60 && assigned[0]! + assigned[1]! === 3, {
      timeoutMs: CLIENT_MS,
      what: 'all messages, and three partitions between two members',
    });
    await Promise.all(members.map((member) => member.disconnect()));
    await producer.send({ topic: 'shared', messages: [{ value: 'later' }] });
    await producer.disconnect();
    expect(await consume('shared', 1, 'pair')).toEqual(['later']);
  });

  it('what a transaction aborts nobody sees who reads committed messages, and its offsets do not count', async () => {
    await createTopic('ledger');
    const producer = client.producer({
      transactionalId: 'clerk',
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    for (const [value, ends] of [
      ['one', 'commit'],
      ['lost', 'abort'],
      ['two', 'commit'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'ledger', messages: [{ value }] });
      const offset = value.length.toString();
      await transaction.sendOffsets({
        consumerGroupId: 'clerks',
        topics: [{ topic: 'ledger', partitions: [{ partition: 0, offset }] }],
      });
      await transaction[ends]();
    }
    await producer.disconnect();
    expect(await consume('ledger', 2)).toEqual(['one', 'two']);
    const admin = client.admin();
    await admin.connect();
    await waitFor(
      async () =>
        (await admin.fetchOffsets({ groupId: 'clerks', topics: ['ledger'] }))[0]!.partitions[0]!.offset === '3',
      { timeoutMs: 20_000, what: 'the offset of the last committed transaction' },
    );
    await admin.disconnect();
  });

  it('moves a partition to other brokers', async () => {
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic: 'moving', replicaAssignment: [{ partition: 0, replicas: [1, 2] }] }],
      waitForLeaders: true,
    });
    await admin.alterPartitionReassignments({
      topics: [{ topic: 'moving', partitionAssignment: [{ partition: 0, replicas: [3, 2] }] }],
    });
    await waitFor(
      async () => {
        const { topics } = await admin.fetchTopicMetadata({ topics: ['moving'] });
        const { replicas, isr, leader } = topics[0]!.partitions[0]!;
        return replicas.join() === '3,2' && [...isr].sort().join() === '2,3' && [2, 3].includes(leader);
      },
      { timeoutMs: CLIENT_MS, what: 'the partition on brokers 3 and 2' },
    );
    await admin.disconnect();
  });
});

const kcatTitle = isThere('kcat') ? 'kcat' : 'kcat (skipped: it is not installed)';
describe.skipIf(!isThere('kcat'))(kcatTitle, () => {
  it('writes and reads what it wrote, compressed by each codec', async () => {
    await createTopic('codecs');
    const bootstrap = kafka.bootstrap.join();
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      const produced = run('kcat', ['-P', '-b', bootstrap, '-t', 'codecs', '-z', codec], { timeout: CLIENT_MS });
      produced.child.stdin!.end(`${codec}\n`);
      await produced;
    }
    const args = ['-C', '-b', bootstrap, '-t', 'codecs', '-e', '-q'];
    const { stdout } = await run('kcat', args, { timeout: CLIENT_MS });
    expect(stdout.trim().split('\n')).toEqual(['none', 'gzip', 'snappy', 'lz4', 'zstd']);
  });
});

const rdkafkaTitle = hasLibrdkafka ? 'librdkafka' : 'librdkafka (skipped: librdkafka-dev or cc is not installed)';
describe.skipIf(!hasLibrdkafka)(rdkafkaTitle, () => {
  let program: string;
  beforeAll(async () => {
    program = join(kafka.folder, 'librdkafka-client');
    const source = join(import.meta.dirname, '__fixtures__/librdkafka-client.c');
    await run('cc', ['-O2', '-o', program, source, '-lrdkafka', '-lpthread']);
  });
  const rdkafka = (...args: string[]) =>
    run(program, [args[0]!, kafka.bootstrap.join(), ...args.slice(1)], {
      timeout: CLIENT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
  const first = ({ stdout }: { readonly stdout: string }) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(' ')[0]);

  it('an idempotent producer with everything in flight: each message once, in order', async () => {
    await createTopic('idempotent');
    await rdkafka('produce', 'idempotent', '20000', '30', 'all', 'enable.idempotence=true');
    const read = await rdkafka('consume', 'idempotent', '20000', 'g-idempotent');
    expect(first(read)).toEqual(numbers(20_000));
  });

  it('a transactional producer: what was committed, and nothing of what was aborted', async () => {
    await createTopic('transactional');
    await rdkafka('transact', 'transactional', '500', '30', 'rd-tx');
    const read = await rdkafka('consume', 'transactional', '1000', 'g-tx', 'isolation.level=read_committed');
    expect(first(read)).toEqual(numbers(1500).filter((text) => Number(text) < 500 || Number(text) >= 1000));
  });

  it('a cooperative group with static members reads everything', async () => {
    await createTopic('cooperative', 3);
    await rdkafka('produce', 'cooperative', '3000', '30', '1');
    const settings = ['partition.assignment.strategy=cooperative-sticky', 'group.instance.id=i1'];
    const read = await rdkafka('consume', 'cooperative', '3000', 'g-coop', ...settings);
    expect(new Set(first(read)).size).toBe(3000);
  });
});
