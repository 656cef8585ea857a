/** An idempotent producer of numbers: to each partition one after the other, the next when the last is acknowledged by all in sync. */
import { waitFor } from '@menagerie/zookeeper-testing';
import { type Kafka, Partitioners, type Producer } from 'kafkajs';

import { NUMBERS, PARTITIONS } from './cluster.js';

/** Numbers a request. */
const A_REQUEST = 3;
const PAUSE_MS = 5;

export class Load {
  /** By partition, in order. Invariant: a number is here exactly when its producer was told that it is stored. */
  readonly acknowledged: readonly number[][] = PARTITIONS.map(() => []);
  private isPaused = true;
  private lanes: Promise<unknown> = Promise.resolve();

  private constructor(private readonly producer: Producer) {}

  static async connect(client: Kafka): Promise<Load> {
    const createPartitioner = Partitioners.DefaultPartitioner;
    // Lanes of their own: kafkajs loses track of a request to several leaders of which one has just moved.
    const producer = client.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner });
    await producer.connect();
    return new Load(producer);
  }

  get total(): number {
    return this.acknowledged.reduce((sum, numbers) => sum + numbers.length, 0);
  }

  resume(): void {
    this.isPaused = false;
    this.lanes = Promise.all(PARTITIONS.map((partition) => this.lane(partition)));
    // Whoever pauses sees the failure.
    this.lanes.catch(() => undefined);
  }

  /** When it resolves nothing is under way: all that was sent is acknowledged. @throws what kafkajs gave up with */
  async pause(): Promise<void> {
    this.isPaused = true;
    await this.lanes;
  }

  private async lane(partition: number): Promise<void> {
    const mine = this.acknowledged[partition]!;
    while (!this.isPaused) {
      const numbers = Array.from({ length: A_REQUEST }, (_, index) => mine.length + index);
      const messages = numbers.map((number) => ({ partition, value: String(number) }));
      await this.producer.send({ topic: NUMBERS, acks: -1, messages });
      mine.push(...numbers);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Waits until each partition has taken more. */
  async progress(timeoutMs: number): Promise<void> {
    const goals = this.acknowledged.map((numbers) => numbers.length + A_REQUEST);
    const progress = waitFor(() => this.acknowledged.every((numbers, index) => numbers.length >= goals[index]!), {
      timeoutMs,
      what: 'every partition to take more',
    });
    await Promise.race([progress, this.lanes.then(() => progress)]);
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
  }
}
