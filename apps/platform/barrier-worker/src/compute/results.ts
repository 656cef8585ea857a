/** What each share came to, at `/queue_barrier_results/<run>/<share>`, and all of them together. */
import { Inject, Injectable } from '@nestjs/common';
import { SERVICE_CONFIG } from '@menagerie/service';
import { isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import type { BarrierWorkerConfig } from '../config.js';

export interface Partial {
  readonly lines: number;
  readonly words: number;
  /** The most frequent words are found by all counts, so all are kept: a share must have few thousand different ones. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Merged extends Partial {
  /** Shares that nobody has finished; what is merged is not the whole then. */
  readonly missing: readonly number[];
}

@Injectable()
export class Results {
  private readonly path: string;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: BarrierWorkerConfig,
  ) {
    this.path = `/queue_barrier_results/${config.run}`;
  }

  /** A share comes to the same whoever counts it: who is second finds the result there. */
  async publish(partial: Partial): Promise<void> {
    await this.client.mkdirp(this.path);
    const path = `${this.path}/${this.config.share}`;
    await this.client.create(path, JSON.stringify(partial)).catch((error: unknown) => {
      if (!isNodeExists(error)) throw error;
    });
  }

  async merged(): Promise<Merged> {
    const missing: number[] = [];
    const counts = new Map<string, number>();
    let [lines, words] = [0, 0];
    for (let share = 0; share < this.config.shares; share += 1) {
      try {
        const { data } = await this.client.getData(`${this.path}/${share}`);
        const partial = JSON.parse(data.toString()) as Partial;
        lines += partial.lines;
        words += partial.words;
        for (const [word, count] of Object.entries(partial.counts)) counts.set(word, (counts.get(word) ?? 0) + count);
      } catch (error) {
        if (!isNoNode(error)) throw error;
        missing.push(share);
      }
    }
    return { lines, words, counts: Object.fromEntries(counts), missing };
  }
}
