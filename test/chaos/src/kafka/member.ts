/**
 * A process of a consumer group, to be killed: `member.js BROKER,BROKER,... deliver` says on stdout what it was given,
 * `member.js BROKER,... copy` copies it in transactions. It ends with status 1 when its client gives up.
 */
import { writeSync } from 'node:fs';
import { type EachBatchPayload, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';

import { COPIES, NUMBERS } from './cluster.js';

const [bootstrap = '', part = ''] = process.argv.slice(2);
const TRANSACTION_TIMEOUT_MS = 30_000;

const client = new Kafka({
  brokers: bootstrap.split(','),
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 60 },
});
const consumer = client.consumer({
  groupId: part,
  sessionTimeout: 6_000,
  heartbeatInterval: 500,
  maxWaitTimeInMs: 100,
  readUncommitted: false,
});

/** Written before it is committed, and past every buffer of ours: a kill can repeat a line, not swallow it. */
function deliver({ batch }: EachBatchPayload): void {
  const lines = batch.messages.map(({ value }) => `${batch.partition} ${value!.toString()}\n`);
  writeSync(1, lines.join(''));
}

/**
 * Behind what this life has copied, by partition. kafkajs goes back to the last offset that it fetched when a heartbeat fails
 * or a leader moves, and knows nothing of offsets that went with a transaction; nobody else is in the group, so we do.
 */
const copiedTo = new Map<number, number>();

/** One batch, one transaction: its copies and the offsets behind it, or neither. */
async function copy(producer: Producer, { batch }: EachBatchPayload): Promise<void> {
  const from = copiedTo.get(batch.partition) ?? 0;
  const fresh = batch.messages.filter((message) => Number(message.offset) >= from);
  if (fresh.length === 0) return;
  const transaction = await producer.transaction();
  try {
    const messages = fresh.map(({ value }) => ({ partition: batch.partition, value }));
    await transaction.send({ topic: COPIES, acks: -1, messages });
    const next = Number(batch.lastOffset()) + 1;
    const topics = [{ topic: NUMBERS, partitions: [{ partition: batch.partition, offset: String(next) }] }];
    await transaction.sendOffsets({ consumerGroupId: part, topics });
    await transaction.commit();
    copiedTo.set(batch.partition, next);
  } catch (error) {
    // Whether it was committed is for the coordinator to say: the next life starts from the offsets that it has.
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  }
}

async function producerOfCopies(): Promise<Producer> {
  const producer = client.producer({
    transactionalId: 'copier',
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  // Ends whatever transaction an earlier life left open, before anybody asks for its offsets. Connecting is not enough:
  // kafkajs introduces itself as the transactional producer when it begins its first transaction.
  await (await producer.transaction()).abort();
  return producer;
}

const producer = part === 'copy' ? await producerOfCopies() : null;
consumer.on(consumer.events.CRASH, ({ payload }) => {
  process.stderr.write(`${String(payload.error)}\n`);
  process.exit(1);
});
process.once('SIGTERM', () => process.exit(0));
await consumer.connect();
await consumer.subscribe({ topic: NUMBERS, fromBeginning: true });
await consumer.run({
  autoCommit: producer === null,
  eachBatchAutoResolve: true,
  eachBatch: async (payload) => {
    if (!payload.isRunning() || payload.isStale()) return;
    if (producer === null) deliver(payload);
    else await copy(producer, payload);
    await payload.heartbeat();
  },
});
