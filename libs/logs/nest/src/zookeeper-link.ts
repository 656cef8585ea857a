/** A process's one session with ZooKeeper: made as soon as there is an ensemble, and no reason not to start without one. */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HealthRegistry, LOGGER, type Logger, SERVICE_CONFIG, ShutdownOrder } from '@menagerie/service';
import { type ClientLogger, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';

export interface ZooKeeperLinkConfig {
  readonly zkConnect: string;
  readonly sessionTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 15_000;
/** Of one call; whoever polls would rather know than wait. */
const CALL_TIMEOUT_MS = 8_000;

@Injectable()
export class ZooKeeperLink implements OnApplicationBootstrap {
  /** The first session; pending until there is one, rejected when the process stops before. */
  readonly first: Promise<ZooKeeperClient>;
  private current: ZooKeeperClient | null = null;
  private readonly stopping = new AbortController();
  private settle: { resolve: (client: ZooKeeperClient) => void; reject: (error: Error) => void };

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: ZooKeeperLinkConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(ShutdownOrder) order: ShutdownOrder,
  ) {
    let settle: typeof this.settle | undefined;
    this.first = new Promise((resolve, reject) => (settle = { resolve, reject }));
    this.settle = settle as unknown as typeof this.settle;
    // Nobody may be waiting when the process stops.
    this.first.catch(() => undefined);
    health.add('zookeeper', () => ({
      state: this.current?.state === 'connected' ? 'up' : 'degraded',
      details: { session: this.current?.state ?? 'connecting', sessionIds: this.sessionIds() },
    }));
    order.add('close', 'session', () => this.close());
  }

  onApplicationBootstrap(): void {
    void this.connect();
  }

  /** Null before the first session. */
  get client(): ZooKeeperClient | null {
    return this.current;
  }

  /** The first session, or null when the signal fires or the process stops before there is one. */
  async firstOr(signal: AbortSignal): Promise<ZooKeeperClient | null> {
    const aborted = new Promise<null>((resolve) => {
      if (signal.aborted) resolve(null);
      else signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    return await Promise.race([this.first.catch(() => null), aborted]);
  }

  private async connect(): Promise<void> {
    const { zkConnect, sessionTimeoutMs } = this.config;
    while (!this.stopping.signal.aborted) {
      try {
        const client = await ZooKeeper.connect({
          connect: zkConnect,
          sessionTimeoutMs,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          callTimeoutMs: CALL_TIMEOUT_MS,
          signal: this.stopping.signal,
          logger: clientLogger(this.logger),
        });
        this.current = client;
        this.settle.resolve(client);
        return;
      } catch (error) {
        if (this.stopping.signal.aborted) break;
        this.logger.warn({ why: error instanceof Error ? error.message : String(error) }, 'no ensemble yet');
      }
    }
    this.settle.reject(new Error('stopped before there was a session'));
  }

  private async close(): Promise<void> {
    this.stopping.abort();
    await this.current?.close();
  }

  private sessionIds(): readonly string[] {
    const id = this.current?.session?.id;
    return id === undefined ? [] : [`0x${BigInt.asUintN(64, id).toString(16)}`];
  }
}

function clientLogger(logger: Logger): ClientLogger {
  return {
    debug: (message, fields) => logger.debug({ ...fields }, message),
    info: (message, fields) => logger.info({ ...fields }, message),
    warn: (message, fields) => logger.warn({ ...fields }, message),
    error: (message, fields) => logger.error({ ...fields }, message),
  };
}
