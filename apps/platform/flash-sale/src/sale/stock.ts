/**
 * The stock and its orders, in a database that many shops share.
 *
 * It looks and then writes, as programs do that were not written for many: what keeps two from selling the same piece is
 * the lock around both. What keeps a holder that stood still for too long from doing so is the fence: each sale carries the
 * token of its lock, and one that is smaller than the last is refused.
 */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PatternError } from '@menagerie/platform-core';
import { SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { createPool, type Pool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import type { FlashSaleConfig } from '../config.js';

const TABLES = [
  'CREATE TABLE IF NOT EXISTS items (item VARCHAR(64) PRIMARY KEY, remaining INT, fence BIGINT)',
  `CREATE TABLE IF NOT EXISTS orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, item VARCHAR(64), buyer VARCHAR(64),
   shop VARCHAR(100), token BIGINT, UNIQUE KEY once (item, buyer))`,
];
const CONNECTIONS = 8;
const MAX_WAITING = 1_000;

export interface Standing {
  readonly item: string;
  readonly remaining: number;
  readonly orders: number;
}

@Injectable()
export class Stock implements OnApplicationBootstrap {
  private readonly pool: Pool;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: FlashSaleConfig,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    // Tokens are 64 bits wide.
    const numbers = { supportBigNumbers: true, bigNumberStrings: true };
    this.pool = createPool({
      uri: config.database,
      connectionLimit: CONNECTIONS,
      queueLimit: MAX_WAITING,
      ...numbers,
    });
    order.add('close', 'the database', () => this.pool.end());
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const table of TABLES) await this.pool.query(table);
  }

  async open(item: string, remaining: number): Promise<void> {
    await this.pool.execute('DELETE FROM orders WHERE item = ?', [item]);
    await this.pool.execute('REPLACE INTO items (item, remaining, fence) VALUES (?, ?, 0)', [item, remaining]);
  }

  /** @throws PatternError `SALE_UNKNOWN_ITEM` */
  async remaining(item: string): Promise<number> {
    const [rows] = await this.pool.execute<RowDataPacket[]>('SELECT remaining FROM items WHERE item = ?', [item]);
    const remaining = (rows[0] as { remaining: number } | undefined)?.remaining;
    if (remaining === undefined) throw new PatternError('SALE_UNKNOWN_ITEM', `expected an item on sale, got "${item}"`);
    return remaining;
  }

  async standing(item: string): Promise<Standing> {
    const remaining = await this.remaining(item);
    const [rows] = await this.pool.execute<RowDataPacket[]>('SELECT COUNT(*) AS n FROM orders WHERE item = ?', [item]);
    return { item, remaining, orders: Number((rows[0] as { n: number | string }).n) };
  }

  /**
   * Writes what the seller has worked out: so many remain, and one order more.
   * @param token null for a seller without a lock, whom nothing stops
   * @throws PatternError `SALE_FENCED` when a later holder has sold since, `SALE_BOUGHT_ALREADY`; nothing is written
   */
  async sell(item: string, buyer: string, remaining: number, token: bigint | null): Promise<void> {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      const [{ affectedRows }] = await (token === null
        ? connection.execute<ResultSetHeader>('UPDATE items SET remaining = ? WHERE item = ?', [remaining, item])
        : connection.execute<ResultSetHeader>(
            'UPDATE items SET remaining = ?, fence = ? WHERE item = ? AND fence < ?',
            [remaining, token.toString(), item, token.toString()],
          ));
      if (affectedRows !== 1) {
        throw new PatternError('SALE_FENCED', `${item}: a later holder than token ${token} has sold since`, true);
      }
      const values = [item, buyer, this.config.id, (token ?? 0n).toString()];
      await connection.execute('INSERT INTO orders (item, buyer, shop, token) VALUES (?, ?, ?, ?)', values);
      await connection.commit();
    } catch (error) {
      await connection.rollback().catch(() => undefined);
      if ((error as { code?: string }).code !== 'ER_DUP_ENTRY') throw error;
      throw new PatternError('SALE_BOUGHT_ALREADY', `${buyer} has bought ${item}`, false, { cause: error });
    } finally {
      connection.release();
    }
  }
}
