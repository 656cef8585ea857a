/** How often an item was begun. Counted before the work, so that one which kills its worker is counted as well. */
import { Inject, Injectable } from '@nestjs/common';
import { SERVICE_CONFIG } from '@menagerie/service';
import { isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import type { WorkItem } from '@menagerie/zookeeper-recipes';
import type { WorkQueueConfig } from '../config.js';

@Injectable()
export class Tries {
  private readonly tries: string;
  readonly aside: string;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) { queue }: WorkQueueConfig,
  ) {
    this.tries = `/queue_fifo/${queue}/tries`;
    this.aside = `/queue_fifo/${queue}/aside`;
  }

  /** @returns this delivery's number, from 1. Only the holder of the claim calls it, so nobody counts beside it. */
  async begin({ id }: WorkItem): Promise<number> {
    const path = `${this.tries}/${id}`;
    try {
      const { data, stat } = await this.client.getData(path);
      const delivery = Number(data.toString()) + 1;
      await this.client.setData(path, String(delivery), { version: stat.version });
      return delivery;
    } catch (error) {
      if (!isNoNode(error)) throw error;
      await this.client.mkdirp(this.tries);
      await this.client.create(path, '1');
      return 1;
    }
  }

  async forget({ id }: WorkItem): Promise<void> {
    await this.client.deleteGuaranteed(`${this.tries}/${id}`);
  }

  /** Kept for a person to look at. */
  async setAside({ id, data }: WorkItem): Promise<void> {
    await this.client.mkdirp(this.aside);
    await this.client.create(`${this.aside}/${id}`, data).catch((error: unknown) => {
      if (!isNodeExists(error)) throw error;
    });
  }
}
