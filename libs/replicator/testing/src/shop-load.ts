/**
 * Customers that order, pay and cancel, one transaction after the other, as long as they are let; each knows what was
 * committed for certain. While the database is away they wait.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MariaDb } from '@menagerie/platform-database';
import type { Pool, PoolConnection } from 'mysql2/promise';

export interface ShopLoadOptions {
  readonly source: MariaDb;
  /** Default 4. */
  readonly customers?: number;
  /** Between two transactions of one customer; default 5. */
  readonly thinkMs?: number;
  readonly items?: number;
  /** Order numbers begin here; default 0. Two loads on one database need their own. */
  readonly first?: number;
  /** From 0 to below 1; default `Math.random`. */
  readonly random?: () => number;
}

const RETRY_MS = 100;
/** Of one life of the load: order numbers of customers never meet. */
const ORDERS_PER_CUSTOMER = 10_000_000;

export class ShopLoad implements AsyncDisposable {
  /** Transactions that the source has confirmed. */
  committed = 0;
  /** Confirmed orders that were not cancelled again: number and the last state that was confirmed, or null if unsure. */
  readonly orders = new Map<number, string | null>();
  private readonly ending = new AbortController();
  private readonly pool: Pool;
  private readonly work: Promise<unknown>;

  constructor({ source, customers = 4, thinkMs = 5, items = 200, first = 0, random = Math.random }: ShopLoadOptions) {
    this.pool = source.pool(customers);
    const each = (customer: number) => this.shop(first + customer * ORDERS_PER_CUSTOMER, thinkMs, items, random);
    this.work = Promise.all(Array.from({ length: customers }, (_, at) => each(at + 1)));
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.work;
    await this.pool.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.ending.signal.aborted) await this.stop();
  }

  private async shop(first: number, thinkMs: number, items: number, random: () => number): Promise<void> {
    const { signal } = this.ending;
    let next = first;
    const own: number[] = [];
    while (!signal.aborted) {
      const kind = random();
      const item = 1 + Math.floor(random() * items);
      try {
        if (kind < 0.6 || own.length === 0) {
          next += 1;
          await this.order(next, item, 1 + Math.floor(random() * 5));
          own.push(next);
        } else if (kind < 0.85) {
          await this.advance(own[Math.floor(random() * own.length)] as number, random() < 0.5 ? 'paid' : 'sent');
        } else {
          await this.cancel(own.splice(Math.floor(random() * own.length), 1)[0] as number);
        }
        this.committed += 1;
      } catch {
        // Whether it was done, nobody knows; the number is not used again.
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
      await sleep(thinkMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async order(id: number, item: number, pieces: number): Promise<void> {
    await this.transaction(async (connection) => {
      const note = id % 7 === 0 ? null : `for ${id}, "with care"\n`;
      await connection.query('INSERT INTO orders (id, item, pieces, note, ordered_at) VALUES (?, ?, ?, ?, NOW(3))', [
        id,
        item,
        pieces,
        note,
      ]);
      await connection.query('UPDATE items SET stock = stock - ? WHERE id = ?', [pieces, item]);
    });
    this.orders.set(id, 'new');
  }

  private async advance(id: number, state: string): Promise<void> {
    this.orders.set(id, null);
    await this.pool.query('UPDATE orders SET state = ? WHERE id = ?', [state, id]);
    this.orders.set(id, state);
  }

  private async cancel(id: number): Promise<void> {
    this.orders.delete(id);
    await this.transaction(async (connection) => {
      await connection.query(
        'UPDATE items JOIN orders ON orders.item = items.id SET stock = stock + pieces WHERE orders.id = ?',
        [id],
      );
      await connection.query('DELETE FROM orders WHERE id = ?', [id]);
    });
  }

  private async transaction(work: (connection: PoolConnection) => Promise<void>): Promise<void> {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await work(connection);
      await connection.commit();
      connection.release();
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }
}
