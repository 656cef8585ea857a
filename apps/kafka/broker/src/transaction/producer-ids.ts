/** Ids for producers, a thousand at a time from ZooKeeper (ProducerIdManager). */
import type { ProducerIdBlock } from '@menagerie/kafka-core';

import type { KafkaZk } from '../zookeeper/kafka-zk.js';

export class ProducerIds {
  private block: ProducerIdBlock | null = null;
  private next = 0;
  private refill: Promise<void> | null = null;

  constructor(
    private readonly zk: KafkaZk,
    private readonly brokerId: number,
  ) {}

  /** One that nobody else has or had. */
  async take(): Promise<number> {
    while (this.block === null || this.next > this.block.last) {
      await (this.refill ??= this.fill().finally(() => (this.refill = null)));
    }
    return this.next++;
  }

  private async fill(): Promise<void> {
    const block = await this.zk.nextProducerIds(this.brokerId);
    this.block = block;
    this.next = block.first;
  }
}
