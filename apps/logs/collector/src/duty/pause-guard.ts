/**
 * Notices that this process was stopped (SIGSTOP, a long swap, a frozen machine): nobody writes then before the list has
 * been read again. The sink refuses what is stale in any case; this keeps most of it from being tried.
 */
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Logger, SERVICE_CONFIG } from '@menagerie/service';
import type { CollectorConfig } from '../config.js';

const LOOK_EVERY_MS = 250;
/** Without an ensemble nobody can say what is true: then the last list holds, unconfirmed. */
const REREAD_MS = 3_000;

@Injectable()
export class PauseGuard implements OnApplicationBootstrap, OnApplicationShutdown {
  pauses = 0;
  /** Asks again what our list is. Set by who knows. */
  reread: () => Promise<void> = () => Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private lookedAtMs = performance.now();
  private closed: Promise<void> | null = null;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.lookedAtMs = performance.now();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Resolves when writing is allowed. */
  get clear(): Promise<void> {
    this.look();
    return this.closed ?? Promise.resolve();
  }

  private look(): void {
    const nowMs = performance.now();
    const pausedMs = nowMs - this.lookedAtMs;
    this.lookedAtMs = nowMs;
    if (pausedMs < this.config.pauseMs || this.closed !== null) return;
    this.pauses += 1;
    this.logger.warn({ pausedMs: Math.round(pausedMs) }, 'this process was stopped; its list is read again first');
    this.closed = this.readAgain();
  }

  private async readAgain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, REREAD_MS)));
    try {
      await Promise.race([this.reread(), late]);
    } catch (error) {
      this.logger.warn({ why: String(error) }, 'the list could not be read again; the last one holds');
    } finally {
      clearTimeout(timer);
      this.closed = null;
    }
  }
}
