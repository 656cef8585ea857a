/** Counts what a topic has of `LineWriter`s' lines, as a consumer that reads what is committed sees them. */
import { randomUUID } from 'node:crypto';
import { CONTINUED } from '@menagerie/logs-sink';
import { type EachMessagePayload, Kafka, logLevel } from 'kafkajs';
import { type LineCheck, LineCounter } from './line-check.js';

export interface TopicCheckOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Lines that there should be, by source. Other sources are passed over. */
  readonly written: ReadonlyMap<string, number>;
  /** What has not come by then is missing. */
  readonly timeoutMs: number;
  /** When all are there, the consumer goes on for so long: a line that is there twice may come later. */
  readonly lingerMs?: number;
}

/**
 * Reads until all is there. A reader that has followed the end of the topic while transactions were given up is not
 * believed when it shows a line twice: kafkajs 2.2.4 shows the first record of an aborted transaction when its fetch begins
 * amid two of them. It reads again from the beginning then, where every transaction has ended.
 */
export async function checkTopic(options: TopicCheckOptions): Promise<readonly LineCheck[]> {
  const checks = await readTopic(options);
  const doubtful = checks.some(({ duplicates, outOfOrder }) => duplicates + outOfOrder > 0);
  return doubtful ? await readTopic(options) : checks;
}

async function readTopic(options: TopicCheckOptions): Promise<readonly LineCheck[]> {
  const { brokers, topic, written, timeoutMs, lingerMs = 1_000 } = options;
  const counters = new Map([...written.keys()].map((source) => [source, new LineCounter(source)]));
  const begun = new Map<string, string>();
  const reached = new Map<number, number>();
  const groupId = `check-${randomUUID()}`;
  const kafka = new Kafka({ clientId: groupId, brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId, readUncommitted: false });
  const isComplete = (): boolean =>
    [...written].every(([source, lines]) => (counters.get(source)?.different ?? 0) >= lines);
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(resolve, timeoutMs);
      const look = (): void => {
        if (!isComplete()) return;
        clearTimeout(timer);
        timer = setTimeout(resolve, lingerMs);
      };
      consumer.on(consumer.events.CRASH, ({ payload }) => (payload.restart ? undefined : reject(payload.error)));
      const eachMessage = async ({ partition, message }: Delivered): Promise<void> => {
        // After a rebalance the consumer begins again: what it has shown is not there twice for that.
        if (Number(message.offset) <= (reached.get(partition) ?? -1)) return;
        reached.set(partition, Number(message.offset));
        const source = message.key?.toString() ?? '';
        const text = (begun.get(source) ?? '') + (message.value?.toString() ?? '');
        if (message.headers?.[CONTINUED] === undefined) {
          begun.delete(source);
          counters.get(source)?.take(text);
          look();
        } else begun.set(source, text);
        await Promise.resolve();
      };
      look();
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
    clearTimeout(timer);
  } finally {
    await consumer.disconnect();
    await forget(kafka, groupId);
  }
  return [...written].map(([source, lines]) => counterOf(counters, source).check(lines, begun.get(source)));
}

type Delivered = Pick<EachMessagePayload, 'partition' | 'message'>;

function counterOf(counters: ReadonlyMap<string, LineCounter>, source: string): LineCounter {
  return counters.get(source) ?? new LineCounter(source);
}

async function forget(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.deleteGroups([groupId]).catch(() => undefined);
  } finally {
    await admin.disconnect();
  }
}
