/** Follows `db.json`, `db.password` and `log.properties` and applies each change while the process runs. */
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfigClient, type WatchedOptions } from '@menagerie/platform-sdk';
import { LOG_LEVELS, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { z } from 'zod';
import type { ShopConfig } from '../config.js';
import { type Place, SwitchedPool } from './switched-pool.js';

const place = z.object({
  host: z.string(),
  port: z.number().int(),
  database: z.string(),
  user: z.string(),
});
const log = z.object({ level: z.enum(LOG_LEVELS) });

@Injectable()
export class LiveConfig implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();
  private readonly following: Promise<void>[] = [];
  private readonly config: ConfigClient;
  private place: z.infer<typeof place> | null = null;
  private password: string | null = null;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) client: ZooKeeperClient,
    @Inject(SwitchedPool) private readonly pool: SwitchedPool,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SERVICE_CONFIG) config: ShopConfig,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    this.config = new ConfigClient(client, 'shop', { folder: join(config.dataDir, 'config') });
    order.add('leave', 'the configuration', async () => {
      this.stopping.abort();
      await Promise.all(this.following);
    });
  }

  get logLevel(): string {
    return this.logger.level;
  }

  onApplicationBootstrap(): void {
    this.follow('db.json', { read: (document) => place.parse(document) }, (value) => {
      this.place = value;
      this.apply();
    });
    this.follow('db.password', { read: (document) => z.string().min(1).parse(document), isSecret: true }, (value) => {
      this.password = value;
      this.apply();
    });
    this.follow('log.properties', { read: (document) => log.parse(document) }, ({ level }) => {
      this.logger.level = level;
      this.logger.info({ level }, 'log level');
    });
  }

  /** The two are read one after the other: a mixture of old and new does not answer, and is not switched to. */
  private apply(): void {
    const { place: at, password } = this;
    if (at !== null && password !== null) this.pool.switchTo({ ...at, password } satisfies Place);
  }

  private follow<T>(key: string, options: WatchedOptions<T>, apply: (value: T) => void): void {
    const { signal } = this.stopping;
    const onRejected = (why: string, version: number) =>
      this.logger.warn({ key, version, why }, 'a value that is no good was not applied');
    const run = async () => {
      for await (const { value } of this.config.watch(key, { ...options, signal, onRejected })) apply(value);
    };
    this.following.push(
      run().catch((error: unknown) => this.logger.error({ err: error, key }, 'is not followed any more')),
    );
  }
}
