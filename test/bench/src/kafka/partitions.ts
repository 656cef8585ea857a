/** How many partitions one broker carries: made until there are enough, then still used. */
import type { Part } from '../harness/bench.js';
import { residentMiB } from '../load/process-usage.js';
import { librdkafka } from './client.js';
import { BenchKafka } from './cluster.js';

const A_TOPIC = 500;

export const partitions: Part = {
  about: 'one broker with many partitions: time to make them, memory, and whether it still serves',
  maxRounds: 1,
  async run(_subject, record, context) {
    await using cluster = await BenchKafka.start(1);
    const [pid] = cluster.pids;
    const before = residentMiB(pid!);
    const wanted = context.setting('partitions');
    const beganMs = performance.now();
    for (let made = 0; made < wanted; made += A_TOPIC) await cluster.createTopic(`many-${made}`, A_TOPIC, 1);
    const tookMs = performance.now() - beganMs;
    record.add({ name: 'partitions one broker was given', unit: 'partitions' }, wanted);
    record.add({ name: 'a partition, made and led', unit: 'ms' }, tookMs / wanted);
    record.add({ name: 'memory a partition', unit: 'KiB' }, ((residentMiB(pid!) - before) * 1024) / wanted);
    await cluster.createTopic('among-many', 1, 1);
    const { messages, seconds } = await librdkafka('produce', cluster.bootstrap, 'among-many', 100_000, 100, '1');
    record.add({ name: `100 B, acks 1, beside ${wanted} partitions`, unit: 'messages/s' }, messages / seconds);
  },
};
