/**
 * Takes the oldest item nobody works on, works, writes down the result, and only then says that it is done: at least
 * once. An item whose worker dies goes to the next one; the third that fails sets it aside, so that one bad item does not
 * stop the queue for ever.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { messageOf, PatternError } from '@menagerie/platform-core';
import { Work } from '@menagerie/platform-nest';
import { LOGGER, type Logger, METRICS, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { isRecipeError, type WorkItem, WorkQueue } from '@menagerie/zookeeper-recipes';
import { Counter, type Registry } from 'prom-client';
import type { WorkQueueConfig } from '../config.js';
import { Ledger } from './ledger.js';
import { Tries } from './tries.js';

const MAX_DELIVERIES = 3;
/** Stands for work that cannot be done. */
const POISON = 'poison';

@Injectable()
export class Worker implements OnApplicationBootstrap {
  private readonly queue: WorkQueue;
  private readonly work: Work;
  private readonly done: Counter;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: WorkQueueConfig,
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(Tries) private readonly tries: Tries,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ShutdownOrder) order: ShutdownOrder,
    @Inject(METRICS) registry: Registry,
  ) {
    this.queue = new WorkQueue(client, `/queue_fifo/${config.queue}`, { limit: config.limit });
    this.work = new Work('the queue', logger, order);
    this.done = new Counter({ name: 'queue_done_total', help: 'items done', registers: [registry] });
  }

  onApplicationBootstrap(): void {
    if (this.config.consumes) this.work.begin((signal) => this.run(signal));
  }

  /** @throws PatternError `QUEUE_FULL` */
  async put(text: string): Promise<void> {
    try {
      await this.queue.put(text);
    } catch (error) {
      if (!isRecipeError(error, 'RECIPE_LIMIT')) throw error;
      throw new PatternError('QUEUE_FULL', error.message, true, { cause: error });
    }
  }

  size(): Promise<number> {
    return this.queue.size();
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const item = await this.queue.take({ signal });
        await this.workOn(item);
      } catch (error) {
        if (signal.aborted) return;
        this.logger.warn({ why: messageOf(error) }, 'goes on with the next item');
        await this.work.rest();
      }
    }
  }

  private async workOn(item: WorkItem): Promise<void> {
    try {
      const delivery = await this.tries.begin(item);
      const text = item.data.toString();
      const line = { id: String(item.id), token: String(item.fencingToken), delivery, text };
      this.ledger.write({ event: 'taken', ...line });
      if (delivery > MAX_DELIVERIES) {
        await this.tries.setAside(item);
        this.ledger.write({ event: 'set-aside', ...line });
      } else {
        this.ledger.write({ event: 'done', ...line, result: await this.result(text) });
      }
      await item.done();
      await this.tries.forget(item);
      this.done.inc();
    } catch (error) {
      await item.giveBack();
      throw error;
    }
  }

  private async result(text: string): Promise<string> {
    await sleep(this.config.workMs);
    if (text.startsWith(POISON)) throw new Error(`"${text}" cannot be worked on`);
    return createHash('sha256').update(text).digest('hex');
  }
}
