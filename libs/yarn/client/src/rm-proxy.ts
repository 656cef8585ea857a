/** Calls whichever ResourceManager is active, and stays with it until it is not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isYarnError, YarnCallError, YarnError } from '@menagerie/yarn-protocol';
import type { RmAddress } from './addresses.js';
import { type FailoverOptions, nextResourceManager } from './failover.js';
import { type Call, call, type CallOptions } from './http.js';

/** A try near the deadline still gets this long, or its failure would say nothing. */
const SHORTEST_TRY_MS = 100;

export interface RmProxyOptions extends Partial<FailoverOptions> {
  readonly addresses: readonly RmAddress[];
  /** How long one try may take; default 5000. A paused ResourceManager costs this much before the next is asked. */
  readonly tryTimeoutMs?: number;
  /** How long a call may look for an active in all; default 60000. */
  readonly deadlineMs?: number;
  /** Told of each switch, for the log. */
  readonly onFailover?: (from: RmAddress, to: RmAddress, why: YarnError) => void;
  readonly random?: () => number;
}

export interface RmCallOptions extends Omit<CallOptions, 'timeoutMs'> {
  /** Overrides the proxy's. */
  readonly deadlineMs?: number | undefined;
}

export class RmProxy {
  /** Invariant: an index into `addresses`. */
  private current = 0;
  private readonly failover: FailoverOptions;

  constructor(private readonly options: RmProxyOptions) {
    if (options.addresses.length === 0) throw new YarnCallError('YARN_NO_ACTIVE', 'no ResourceManager is configured');
    this.failover = { sleepBaseMs: options.sleepBaseMs ?? 500, sleepMaxMs: options.sleepMaxMs ?? 15_000 };
  }

  get addresses(): readonly RmAddress[] {
    return this.options.addresses;
  }

  /** The one that answered last, or the one that is tried next. */
  get target(): RmAddress {
    return this.addresses[this.current] as RmAddress;
  }

  /**
   * @throws YarnRequestError what the active answered; YarnCallError `YARN_NO_ACTIVE` when none did within the deadline,
   * `YARN_ABORTED` when the caller's signal fired
   */
  async call<T>(what: Call<T>, options: RmCallOptions = {}): Promise<T> {
    const deadlineAt = Date.now() + (options.deadlineMs ?? this.options.deadlineMs ?? 60_000);
    for (let failures = 1; ; failures++) {
      const index = this.current;
      try {
        return await call(this.target.address, what, {
          timeoutMs: Math.max(SHORTEST_TRY_MS, Math.min(this.options.tryTimeoutMs ?? 5_000, deadlineAt - Date.now())),
          signal: options.signal,
          token: options.token,
        });
      } catch (error) {
        if (!(error instanceof YarnError) || !error.retryable) throw error;
        const { sleepMs } = this.moveOn(index, failures, error);
        if (Date.now() + sleepMs >= deadlineAt) throw this.nobody(error);
        await pause(sleepMs, options.signal);
      }
    }
  }

  private moveOn(failed: number, failures: number, why: YarnError) {
    const next = nextResourceManager(
      failed,
      this.addresses.length,
      failures,
      (this.options.random ?? Math.random)(),
      this.failover,
    );
    // A call that ran beside this one may have found the active already; then that one is tried.
    if (this.current === failed && next.index !== failed) {
      this.current = next.index;
      this.options.onFailover?.(this.addresses[failed] as RmAddress, this.target, why);
    }
    return next;
  }

  private nobody(last: YarnError): YarnCallError {
    const names = this.addresses.map((one) => `${one.rmId} (${one.address})`).join(', ');
    return new YarnCallError('YARN_NO_ACTIVE', `no active ResourceManager among ${names}; last: ${last.message}`, last);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms <= 0) return;
  try {
    await sleep(ms, undefined, { signal });
  } catch (cause) {
    throw isYarnError(cause) ? cause : new YarnCallError('YARN_ABORTED', 'given up by the caller', cause);
  }
}
