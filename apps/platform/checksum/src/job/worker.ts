/**
 * Follows the order, takes a share that nobody works on (by its lock), and checksums its files from the last checkpoint on.
 * A worker that dies leaves the share to the next one, which does again what came after the checkpoint and no more.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { messageOf } from '@menagerie/platform-core';
import { Work } from '@menagerie/platform-nest';
import { HealthRegistry, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { isRecipeError, Lock, PersistentNode } from '@menagerie/zookeeper-recipes';
import type { ChecksumConfig } from '../config.js';
import { Board, type Order, ORDERS, orderSchema } from './board.js';

/** A share that somebody has is not waited for: there are others. */
const LOCK_WAIT_MS = 50;
const BETWEEN_ROUNDS_MS = 200;
/** One write for so many files: what a crash costs is at most so many done again. */
const FILES_A_CHECKPOINT = 5;

@Injectable()
export class Worker implements OnApplicationBootstrap {
  /** Files summed by this process, those done again included. */
  summed = 0;
  /** The version of the order that it obeys; null before it has seen one. */
  order: number | null = null;
  /** Works on it; false when it is paused, done or has none. */
  busy = false;
  private readonly work: Work;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: ChecksumConfig,
    @Inject(Board) private readonly board: Board,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) shutdown: ShutdownOrder,
  ) {
    health.add('worker', () => ({ state: 'up', details: { summed: this.summed } }));
    this.work = new Work('the work', logger, shutdown);
  }

  onApplicationBootstrap(): void {
    this.work.begin((signal) => this.follow(signal));
  }

  /** Each order ends the work on the one before: the latest wins. */
  private async follow(signal: AbortSignal): Promise<void> {
    let current = new AbortController();
    let work: Promise<void> = Promise.resolve();
    try {
      for await (const { data, stat } of this.client.watch(ORDERS, { kind: 'data', signal })) {
        const order = data === null ? null : orderSchema.safeParse(parsed(data)).data;
        current.abort();
        await work;
        current = new AbortController();
        this.order = stat?.version ?? null;
        if (order && !order.paused) work = this.workOn(order, AbortSignal.any([signal, current.signal]));
      }
    } finally {
      current.abort();
      await work;
    }
  }

  private async workOn(order: Order, signal: AbortSignal): Promise<void> {
    this.busy = true;
    while (!signal.aborted && !(await this.tryShares(order, signal))) {
      await sleep(BETWEEN_ROUNDS_MS, undefined, { signal }).catch(() => undefined);
    }
    this.busy = false;
  }

  /** @returns whether all are done */
  private async tryShares(order: Order, signal: AbortSignal): Promise<boolean> {
    try {
      let isAllDone = true;
      for (let share = 0; share < order.shares && !signal.aborted; share += 1) {
        if ((await this.board.checkpoint(order.id, share)).done) continue;
        isAllDone = false;
        await this.tryShare(order, share, signal);
      }
      return isAllDone;
    } catch (error) {
      if (!signal.aborted) this.logger.warn({ why: messageOf(error) }, 'goes on');
      return false;
    }
  }

  private async tryShare(order: Order, share: number, signal: AbortSignal): Promise<void> {
    const lock = new Lock(this.client, `/progress-locks/${order.id}/${share}`, { identity: this.config.id });
    const grant = await lock.acquire({ timeoutMs: LOCK_WAIT_MS, signal }).catch((error: unknown) => {
      if (isRecipeError(error, 'RECIPE_TIMEOUT')) return null;
      throw error;
    });
    if (grant === null) return;
    await using _held = grant;
    await this.sumShare(order, share, AbortSignal.any([signal, grant.signal]));
  }

  private async sumShare({ id, folder, shares }: Order, share: number, signal: AbortSignal): Promise<void> {
    const files = filesBelow(folder).filter((_, at) => at % shares === share);
    const sums: Record<string, string> = { ...(await this.board.checkpoint(id, share)).sums };
    const words = (file: string) =>
      JSON.stringify({ worker: this.config.id, done: Object.keys(sums).length, of: files.length, file });
    await using progress = new PersistentNode(this.client, `/progress/${id}/${this.config.id}`, words(''));
    progress.start();
    for (const file of files.filter((each) => sums[each] === undefined)) {
      sums[file] = await sumOf(join(folder, file));
      this.summed += 1;
      progress.setData(words(file));
      if (this.config.paceMs > 0) await sleep(this.config.paceMs, undefined, { signal });
      signal.throwIfAborted();
      if (Object.keys(sums).length % FILES_A_CHECKPOINT === 0) await this.board.save(id, share, { done: false, sums });
    }
    signal.throwIfAborted();
    await this.board.save(id, share, { done: true, sums });
  }
}

/** In one order, whoever lists them. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

async function sumOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    return null;
  }
}
