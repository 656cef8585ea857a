/** A disk that is full: the producer is told so, what it was told before stays, and the broker goes on when there is room. */
import { execFileSync } from 'node:child_process';
import { CommittedReader, TestKafka } from '@menagerie/kafka-testing';
import { startTestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { expect, it } from 'vitest';

const WAIT_MS = 60_000;
const TOPIC = 'numbers';
/** A few segments of it fill the disk, so that one of them has to begin where there is no room. */
const DISK_BYTES = 4 * 1024 * 1024;
const SEGMENT_BYTES = 1024 * 1024;
const MESSAGE_BYTES = 100 * 1024;
const MOST = Math.floor((2 * DISK_BYTES) / MESSAGE_BYTES);
const MOST_AGAIN = 10;

const isRoot = process.getuid?.() === 0;
const title =
  'full: KAFKA_STORAGE_ERROR; with room again it takes more, and has each acknowledged message once, in order';

it.skipIf(!isRoot)(isRoot ? title : `${title} (skipped: only root may mount file systems)`, async () => {
  await using zookeeper = await startTestEnsemble({ servers: 1 });
  const properties = { 'log.segment.bytes': String(SEGMENT_BYTES), 'num.partitions': '1' };
  await using kafka = await TestKafka.start({ zkConnect: zookeeper.connectString, brokers: 1, properties });
  const broker = kafka.broker(1);
  await broker.process.end('SIGTERM');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', broker.logDir]);
  try {
    await broker.process.start();
    await kafka.whole();
    const client = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner, retry: { retries: 0 } });
    await producer.connect();
    const acknowledged: number[] = [];
    const send = async (number: number) => {
      const value = Buffer.alloc(MESSAGE_BYTES, `${number} `);
      await producer.send({ topic: TOPIC, acks: -1, messages: [{ value }] });
      acknowledged.push(number);
    };
    const fill = async () => {
      for (let number = 0; number < MOST; number++) await send(number);
    };
    await expect(fill()).rejects.toMatchObject({ message: expect.stringContaining('Disk error') as string });
    // Not only once, and not in a way that anything is left of it.
    await expect(send(MOST)).rejects.toMatchObject({ message: expect.stringContaining('Disk error') as string });
    execFileSync('mount', ['-o', `remount,size=${3 * DISK_BYTES}`, broker.logDir]);
    for (let more = 1; more <= MOST_AGAIN; more++) await send(MOST + more);
    await producer.disconnect();
    await broker.process.end('SIGKILL');
    await broker.process.start();
    const found: number[] = [];
    const reader = new CommittedReader(kafka.bootstrap, TOPIC, [0], ({ record }) => {
      found.push(Number.parseInt(record.value!.toString('latin1'), 10));
    });
    await waitFor(() => found.length >= acknowledged.length, { timeoutMs: WAIT_MS, what: 'all that was acknowledged' });
    await reader.close();
    expect(found).toEqual(acknowledged);
  } finally {
    await broker.process.end('SIGKILL');
    execFileSync('umount', [broker.logDir]);
  }
});
