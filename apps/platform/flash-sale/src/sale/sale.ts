/** Selling under the exclusive lock, looking under the shared one. `/shared_lock/<item>/...-W-` and `-R-`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { PatternError } from '@menagerie/platform-core';
import { METRICS, SERVICE_CONFIG } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { ReadWriteLock } from '@menagerie/zookeeper-recipes';
import { Counter, type Registry } from 'prom-client';
import type { FlashSaleConfig } from '../config.js';
import { type Standing, Stock } from './stock.js';

/** A buyer does not wait longer. */
const LOCK_WAIT_MS = 15_000;

@Injectable()
export class Sale {
  private readonly sold: Counter;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(SERVICE_CONFIG) private readonly config: FlashSaleConfig,
    @Inject(Stock) private readonly stock: Stock,
    @Inject(METRICS) registry: Registry,
  ) {
    this.sold = new Counter({ name: 'sale_orders_total', help: 'orders taken', registers: [registry] });
  }

  async open(item: string, pieces: number): Promise<void> {
    await using _alone = await this.lockOf(item).write({ timeoutMs: LOCK_WAIT_MS });
    await this.stock.open(item, pieces);
  }

  /** Between two sales, never in the middle of one. */
  async standing(item: string): Promise<Standing> {
    if (!this.config.isLocked) return await this.stock.standing(item);
    await using _among = await this.lockOf(item).read({ timeoutMs: LOCK_WAIT_MS });
    return await this.stock.standing(item);
  }

  /**
   * @throws PatternError `SALE_SOLD_OUT`, `SALE_BOUGHT_ALREADY`, `SALE_FENCED`, `SALE_UNKNOWN_ITEM`; RecipeError when the
   *   lock is not had in time
   */
  async order(item: string, buyer: string): Promise<void> {
    if (!this.config.isLocked) return await this.sellOne(item, buyer, null);
    await using grant = await this.lockOf(item).write({ timeoutMs: LOCK_WAIT_MS });
    await this.sellOne(item, buyer, grant.fencingToken);
  }

  private async sellOne(item: string, buyer: string, token: bigint | null): Promise<void> {
    const remaining = await this.stock.remaining(item);
    if (remaining <= 0) throw new PatternError('SALE_SOLD_OUT', `${item} is sold out`);
    // Whether the lock is still ours after this is not asked: who stood still here would have been told too late. The
    // database decides, by the token.
    await sleep(this.config.thinkMs);
    await this.stock.sell(item, buyer, remaining - 1, token);
    this.sold.inc();
  }

  private lockOf(item: string): ReadWriteLock {
    return new ReadWriteLock(this.client, `/shared_lock/${item}`, { identity: this.config.id });
  }
}
