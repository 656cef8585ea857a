/** Reads a topic along, from its beginning, and keeps what stands at which offset: how often it is told so does not matter. */
import type { Consumer, Kafka } from 'kafkajs';

import { PARTITIONS } from './cluster.js';

export class Audit {
  private readonly byOffset = PARTITIONS.map(() => new Map<number, number>());
  /** An offset that held one number and later another: nothing committed ever changes. */
  readonly changed: string[] = [];

  private constructor(private readonly consumer: Consumer) {}

  /** @param topic read as committed, by a group of its own */
  static async start(client: Kafka, topic: string): Promise<Audit> {
    const consumer = client.consumer({
      groupId: `audit-${topic}`,
      sessionTimeout: 10_000,
      heartbeatInterval: 1_000,
      readUncommitted: false,
      maxWaitTimeInMs: 100,
      retry: { retries: 120, maxRetryTime: 1_000, restartOnFailure: async () => true },
    });
    const audit = new Audit(consumer);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) =>
        audit.note(partition, Number(message.offset), Number(message.value?.toString())),
    });
    return audit;
  }

  private note(partition: number, offset: number, number: number): void {
    const known = this.byOffset[partition]!.get(offset);
    if (known !== undefined && known !== number) {
      this.changed.push(`offset ${offset} of partition ${partition}: ${known}, then ${number}`);
    }
    this.byOffset[partition]!.set(offset, number);
  }

  get total(): number {
    return this.byOffset.reduce((sum, found) => sum + found.size, 0);
  }

  /** The numbers of each partition in the order of the log. */
  get numbers(): readonly (readonly number[])[] {
    return this.byOffset.map((found) => [...found].sort(([a], [b]) => a - b).map(([, number]) => number));
  }

  async close(): Promise<void> {
    await this.consumer.disconnect();
  }
}
