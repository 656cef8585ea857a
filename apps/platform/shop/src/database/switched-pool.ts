/**
 * A pool of connections that is exchanged for another while orders come in.
 *
 * A database is switched to once it has answered: of two documents that belong together (a place and its password) one
 * may be read before the other, and somebody may have mistyped. New work goes to the new database from that moment; work
 * that is under way ends where it began, and only then is the old pool closed. So a switch costs no order and no restart.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { PatternError } from '@menagerie/platform-core';
import { HealthRegistry, LOGGER, type Logger, METRICS, ShutdownOrder } from '@menagerie/service';
import { createPool, type Pool } from 'mysql2/promise';
import { Counter, type Registry } from 'prom-client';

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

interface Open {
  readonly place: Place;
  readonly pool: Pool;
  /** Work under way. */
  busy: number;
  retired: boolean;
}

const CONNECTIONS = 8;
/** Orders that may wait for a connection; one more is refused. */
const MAX_WAITING = 1_000;
const CONNECT_TIMEOUT_MS = 3_000;
const TRY_AGAIN_MS = 500;

@Injectable()
export class SwitchedPool {
  private current: Open | null = null;
  private wanted = new AbortController();
  private readonly switches: Counter;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
    @Inject(METRICS) registry: Registry,
  ) {
    health.add('database', () => ({
      state: this.current === null ? 'degraded' : 'up',
      details: { database: this.address ?? 'none is configured yet' },
    }));
    order.add('close', 'the database', async () => {
      this.wanted.abort();
      this.retire();
    });
    this.switches = new Counter({ name: 'shop_switches_total', help: 'database switches', registers: [registry] });
  }

  /** `host:port` of the database in use. */
  get address(): string | null {
    return this.current === null ? null : `${this.current.place.host}:${this.current.place.port}`;
  }

  /** The latest wins. Until its database answers, the one before stays in use. */
  switchTo(place: Place): void {
    this.wanted.abort();
    const wanted = (this.wanted = new AbortController());
    void this.bringAbout(place, wanted.signal);
  }

  private async bringAbout(place: Place, signal: AbortSignal): Promise<void> {
    if (JSON.stringify(place) === JSON.stringify(this.current?.place)) return;
    const pool = createPool({
      ...place,
      connectionLimit: CONNECTIONS,
      queueLimit: MAX_WAITING,
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    while (!signal.aborted) {
      try {
        await pool.query('SELECT 1');
        if (signal.aborted) break;
        const from = this.address;
        this.retire();
        this.current = { place, pool, busy: 0, retired: false };
        this.switches.inc();
        this.logger.info({ from, to: this.address }, 'switched');
        return;
      } catch (error) {
        this.logger.warn({ at: `${place.host}:${place.port}`, why: String(error) }, 'does not answer: not switched to');
        await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    await pool.end().catch(() => undefined);
  }

  /** @throws PatternError `PATTERN_UNAVAILABLE` before there is a configuration, and when the database fails */
  async use<T>(work: (pool: Pool, at: string) => Promise<T>): Promise<T> {
    const open = this.current;
    if (open === null) throw new PatternError('PATTERN_UNAVAILABLE', 'no database is configured yet', true);
    const at = `${open.place.host}:${open.place.port}`;
    open.busy += 1;
    try {
      return await work(open.pool, at);
    } catch (error) {
      throw new PatternError('PATTERN_UNAVAILABLE', `database ${at}: ${String(error)}`, true, { cause: error });
    } finally {
      open.busy -= 1;
      this.endIfIdle(open);
    }
  }

  private retire(): void {
    const open = this.current;
    if (open === null) return;
    this.current = null;
    open.retired = true;
    this.endIfIdle(open);
  }

  private endIfIdle(open: Open): void {
    if (!open.retired || open.busy > 0) return;
    open.pool.end().catch((error: unknown) => this.logger.warn({ err: error }, 'the old pool did not end in order'));
  }
}
