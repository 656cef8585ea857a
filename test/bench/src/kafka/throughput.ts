/** How much goes in and comes out, by size, replicas and acks; and how long one message takes at a steady rate. */
import type { Part } from '../harness/bench.js';
import { cpuSeconds, residentMiB } from '../load/process-usage.js';
import { librdkafka } from './client.js';
import { BenchKafka } from './cluster.js';

const MB = 1_000_000;
const PRODUCER = ['linger.ms=20', 'batch.size=1000000', 'queue.buffering.max.messages=500000'];
const CONSUMER = ['fetch.message.max.bytes=8388608', 'queued.min.messages=1000000', 'check.crcs=false'];

interface Case {
  readonly bytes: number;
  readonly replicas: number;
  readonly acks: '1' | 'all';
}

const CASES: readonly Case[] = [100, 1024].flatMap((bytes) =>
  [1, 3].flatMap((replicas) => (['1', 'all'] as const).map((acks): Case => ({ bytes, replicas, acks }))),
);

const title = ({ bytes, replicas, acks }: Case) =>
  `${bytes === 1024 ? '1 KiB' : `${bytes} B`}, ${replicas} replica${replicas > 1 ? 's' : ''}, acks ${acks}`;

export const throughput: Part = {
  about: 'one partition, one producer, then one consumer: messages and bytes a second, CPU of the brokers',
  maxRounds: 1,
  async run(_subject, record, context) {
    await using cluster = await BenchKafka.start(3);
    const [idlePid] = cluster.pids;
    record.add({ name: 'memory of a broker, idle', unit: 'MiB' }, residentMiB(idlePid!));
    for (const one of CASES) {
      const { bytes, replicas, acks } = one;
      const count = Math.round((context.setting('mebibytes') * 1024 * 1024) / bytes);
      const topic = `t-${bytes}-${replicas}-${acks}`;
      await cluster.createTopic(topic, 1, replicas);
      const before = cpuSeconds(cluster.pids);
      const produced = await librdkafka('produce', cluster.bootstrap, topic, count, bytes, acks, ...PRODUCER);
      const between = cpuSeconds(cluster.pids);
      const consumed = await librdkafka('drain', cluster.bootstrap, topic, count, `g-${topic}`, ...CONSUMER);
      const after = cpuSeconds(cluster.pids);
      const isTarget = bytes === 100 && replicas === 1 && acks === '1';
      const rate = produced.messages / produced.seconds;
      const target = isTarget ? { target: { atLeast: 300_000 } } : {};
      record.add({ name: `${title(one)}: produced`, unit: 'messages/s', ...target }, rate);
      record.add({ name: `${title(one)}: produced `, unit: 'MB/s' }, (rate * bytes) / MB);
      const ends = (consumed.messages * bytes) / MB / consumed.seconds;
      const wanted = replicas === 1 && acks === '1' ? { target: { atLeast: 150 } } : {};
      record.add({ name: `${title(one)}: consumed`, unit: 'MB/s', ...wanted }, ends);
      const gigabytes = (count * bytes) / 1e9;
      record.add({ name: `${title(one)}: brokers' CPU in`, unit: 's/GB' }, (between - before) / gigabytes);
      record.add({ name: `${title(one)}: brokers' CPU out`, unit: 's/GB' }, (after - between) / gigabytes);
    }
    record.add(
      { name: 'memory of the largest broker, after it', unit: 'MiB' },
      Math.max(...cluster.pids.map(residentMiB)),
    );
  },
};

export const latency: Part = {
  about: 'from produce to the consumer’s hand at a steady rate, in one process with one clock',
  maxRounds: 1,
  async run(_subject, record, context) {
    await using cluster = await BenchKafka.start(3);
    const rate = context.setting('rate');
    const seconds = Math.max(2, context.measureMs / 1000);
    for (const [replicas, acks] of [
      [1, '1'],
      [3, 'all'],
    ] as const) {
      const topic = `l-${replicas}`;
      await cluster.createTopic(topic, 1, replicas);
      const settings = ['linger.ms=0.5', 'fetch.wait.max.ms=100'];
      const { p50Ms, p99Ms } = await librdkafka(
        'latency',
        cluster.bootstrap,
        topic,
        rate * seconds,
        rate,
        acks,
        ...settings,
      );
      const name = `end to end at ${rate}/s, ${replicas === 1 ? '1 replica' : `${replicas} replicas`}, acks ${acks}`;
      record.add({ name: `${name}: p50`, unit: 'ms' }, p50Ms!);
      record.add({ name: `${name}: p99`, unit: 'ms', ...(replicas === 1 ? { target: { under: 10 } } : {}) }, p99Ms!);
    }
  },
};
