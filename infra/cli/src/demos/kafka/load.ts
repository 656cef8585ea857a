/** A producer that writes numbers, one after the other, each acknowledged by all in sync; and a reader of all of them. */
import { connectToAll } from '@menagerie/kafka-testing';
import { type Kafka, Partitioners, type Producer } from 'kafkajs';

import { until } from '../until.js';

const PROGRESS_MS = 60_000;
const READ_MS = 60_000;
const METADATA_MS = 1_000;

export class Load {
  /** In the order of their acknowledgements. */
  readonly acknowledged: number[] = [];
  /** The longest that one of them took, in milliseconds: what a user sees of a failure. */
  longestMs = 0;
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly producer: Producer,
    private readonly topic: string,
    private readonly signal: AbortSignal,
  ) {}

  static async start(client: Kafka, topic: string, signal: AbortSignal): Promise<Load> {
    const { DefaultPartitioner: createPartitioner } = Partitioners;
    const producer = client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner,
      // After a request without an answer kafkajs asks the same leader again until what it knows is older than this.
      metadataMaxAge: METADATA_MS,
    });
    await producer.connect();
    await connectToAll(client, producer, [1, 2, 3]);
    const load = new Load(producer, topic, signal);
    load.running = load.run();
    // Whoever waits for progress sees the failure; nobody else need.
    load.running.catch(() => undefined);
    await load.more(50);
    return load;
  }

  private async run(): Promise<void> {
    for (let number = 0; !this.stopping && !this.signal.aborted; number++) {
      const began = performance.now();
      await this.producer.send({ topic: this.topic, acks: -1, messages: [{ value: String(number) }] });
      this.longestMs = Math.max(this.longestMs, performance.now() - began);
      this.acknowledged.push(number);
    }
  }

  /** Waits until `count` more are acknowledged. */
  async more(count: number): Promise<void> {
    const goal = this.acknowledged.length + count;
    const progress = until(`${count} more acknowledged`, { timeoutMs: PROGRESS_MS, signal: this.signal }, async () =>
      this.acknowledged.length >= goal ? true : undefined,
    );
    await Promise.race([progress, this.running.then(() => progress)]);
  }

  async stop(): Promise<readonly number[]> {
    this.stopping = true;
    await this.running.finally(() => this.producer.disconnect());
    return this.acknowledged;
  }
}

/** Everything in the topic, in its order. */
export async function readAll(
  client: Kafka,
  topic: string,
  atLeast: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const consumer = client.consumer({ groupId: `${topic}-reader`, sessionTimeout: 10_000 });
  const numbers: number[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void numbers.push(Number(message.value?.toString())) });
    await until(`${atLeast} messages`, { timeoutMs: READ_MS, signal }, async () =>
      numbers.length >= atLeast ? true : undefined,
    );
  } finally {
    await consumer.disconnect();
  }
  return numbers;
}

/** What is wrong with what was read, in words; empty when every acknowledged number is there once, in order. */
export function faultsOf(acknowledged: readonly number[], read: readonly number[]): string {
  const seen = new Set(read);
  const lost = acknowledged.filter((number) => !seen.has(number)).length;
  const twice = read.length - seen.size;
  const disordered = read.filter((number, index) => index > 0 && number < read[index - 1]!).length;
  return [
    ...(lost > 0 ? [`${lost} lost`] : []),
    ...(twice > 0 ? [`${twice} more than once`] : []),
    ...(disordered > 0 ? [`${disordered} out of order`] : []),
  ].join(', ');
}
