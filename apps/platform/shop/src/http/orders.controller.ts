/** Orders in, and where they go. */
import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { LiveConfig } from '../database/live-config.js';
import { SwitchedPool } from '../database/switched-pool.js';

const order = z.strictObject({ id: z.string().regex(/^[\w-]{1,64}$/), item: z.string().min(1).max(100) });

const TABLE = 'CREATE TABLE IF NOT EXISTS orders (id VARCHAR(64) PRIMARY KEY, item VARCHAR(100), taken TIMESTAMP(3))';

@Controller()
export class OrdersController {
  /** Databases whose table is there; a handful at most, each named in a configuration. */
  private readonly prepared = new Map<string, Promise<unknown>>();

  constructor(
    @Inject(SwitchedPool) private readonly pool: SwitchedPool,
    @Inject(LiveConfig) private readonly config: LiveConfig,
  ) {}

  @Post('orders')
  @Operation('takes an order; the answer says into which database', order)
  async take(@Body(checked(order)) { id, item }: z.infer<typeof order>): Promise<{ id: string; database: string }> {
    return await this.pool.use(async (pool, database) => {
      let prepared = this.prepared.get(database);
      if (prepared === undefined) {
        prepared = pool.query(TABLE);
        this.prepared.set(database, prepared);
        prepared.catch(() => this.prepared.delete(database));
      }
      await prepared;
      await pool.execute('INSERT INTO orders (id, item, taken) VALUES (?, ?, NOW(3))', [id, item]);
      return { id, database };
    });
  }

  @Get('settings')
  @Operation('what is in force now')
  settings(): { pid: number; database: string | null; logLevel: string } {
    return { pid: process.pid, database: this.pool.address, logLevel: this.config.logLevel };
  }
}
