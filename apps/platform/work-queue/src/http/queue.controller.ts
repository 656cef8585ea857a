/** The queue over HTTP. */
import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { checked, SERVICE_CONFIG } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { z } from 'zod';
import type { WorkQueueConfig } from '../config.js';
import { Tries } from '../items/tries.js';
import { Worker } from '../items/worker.js';

const item = z.strictObject({ text: z.string().min(1).max(10_000) });

@Controller('queue')
export class QueueController {
  constructor(
    @Inject(Worker) private readonly worker: Worker,
    @Inject(Tries) private readonly tries: Tries,
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: WorkQueueConfig,
  ) {}

  @Get()
  @Operation('how many wait or are worked on, how many were set aside')
  async standing(): Promise<{ size: number; limit: number; aside: number }> {
    const aside = await this.client.exists(this.tries.aside);
    return { size: await this.worker.size(), limit: this.config.limit, aside: aside?.numChildren ?? 0 };
  }

  @Post('items')
  @Operation('puts an item at the end', item)
  async put(@Body(checked(item)) { text }: z.infer<typeof item>): Promise<void> {
    await this.worker.put(text);
  }
}
