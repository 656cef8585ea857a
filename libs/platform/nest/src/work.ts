/**
 * What a service does beside answering: begun when it is up, ended before its session is left, and not ended by an outage.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isPatternError, messageOf } from '@menagerie/platform-core';
import type { Logger, ShutdownOrder } from '@menagerie/service';
import { isClosed, isSessionLost, isZooKeeperError } from '@menagerie/zookeeper-client';
import { isRecipeError } from '@menagerie/zookeeper-recipes';

const RETRY_MS = 500;

export class Work {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  /** @param what for the order of stopping and the log: `the queue` */
  constructor(
    private readonly what: string,
    private readonly logger: Logger,
    order: ShutdownOrder,
  ) {
    order.add('leave', what, async () => {
      this.stopping.abort();
      await this.running;
    });
  }

  /** Fires when the service stops. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** @param onFailure told of what ended it, unless that was the end of the service */
  begin(act: (signal: AbortSignal) => Promise<void>, onFailure: (error: unknown) => void = () => undefined): void {
    this.running = act(this.signal).catch((error: unknown) => {
      if (this.signal.aborted) return;
      this.logger.error({ err: error }, `${this.what} has ended: ${messageOf(error)}`);
      onFailure(error);
    });
  }

  /**
   * Once more whenever it fails in a way that may pass: an outage, a lost session, a predecessor that is not gone yet.
   * @param step doing it twice must be doing it once
   */
  async persist<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (this.signal.aborted || !mayPass(error)) throw error;
        this.logger.warn({ why: messageOf(error) }, `${this.what}: tries again`);
        await this.rest();
      }
    }
  }

  /** Resolves after a moment, or at once when the service stops. */
  async rest(ms = RETRY_MS): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }
}

/** Whether the same may succeed later, in this session or in another. */
export function mayPass(error: unknown): boolean {
  if (isClosed(error)) return false;
  if (isZooKeeperError(error)) return error.retryable || isSessionLost(error);
  return (isRecipeError(error) || isPatternError(error)) && error.retryable;
}
