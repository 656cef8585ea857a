/**
 * When to try again, and for how long. Policies are pure; `withRetry` carries them out.
 *
 * They are for calls that failed. A lost connection needs none: the client makes the next by itself, calls wait for it,
 * and reads are sent again. Source of the names: Curator's RetryPolicy and its implementations.
 */
import { ZkAbortedError, ZooKeeperError, isClosed, isZooKeeperError } from './errors.js';
import { invalid } from './arguments.js';
import { pause } from './pause.js';

/** What is known when a try has failed. */
export interface RetryState {
  /** That have failed so far, 1 or more. */
  readonly tries: number;
  /** Since the first was begun. */
  readonly elapsedMs: number;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  /** 0 <= random < 1 */
  readonly random: number;
}

/** The pause before the next try in milliseconds; null to give up. Pure. */
export type RetryPolicy = (state: RetryState) => number | null;

export const Retry = {
  /**
   * Twice the pause each time, up to a bound, with full jitter: callers that failed together do not come back together.
   * @param tries that may fail in all; default 10
   */
  exponential({ baseMs = 100, maxMs = 10_000, tries: limit = 10 } = {}): RetryPolicy {
    const [base, max, most] = [positive('baseMs', baseMs), positive('maxMs', maxMs), positive('tries', limit)];
    return ({ tries, random }) => (tries >= most ? null : random * Math.min(max, base * 2 ** Math.min(tries, 30)));
  },

  /** @param tries that may fail in all */
  times({ tries: limit, pauseMs }: { readonly tries: number; readonly pauseMs: number }): RetryPolicy {
    const [most, pause] = [positive('tries', limit), notNegative('pauseMs', pauseMs)];
    return ({ tries }) => (tries >= most ? null : pause);
  },

  /** No try begins when this much has passed since the first one. */
  untilElapsed({ elapsedMs: limit, pauseMs }: { readonly elapsedMs: number; readonly pauseMs: number }): RetryPolicy {
    const [most, pause] = [positive('elapsedMs', limit), notNegative('pauseMs', pauseMs)];
    return ({ elapsedMs }) => (elapsedMs + pause >= most ? null : pause);
  },

  /** Without an end but the deadline, a moment; without one, until it succeeds, is refused for good, or is aborted. */
  forever({ pauseMs, deadline }: { readonly pauseMs: number; readonly deadline?: Date }): RetryPolicy {
    const pause = positive('pauseMs', pauseMs);
    return ({ wallMs }) => (deadline !== undefined && wallMs + pause >= deadline.getTime() ? null : pause);
  },
} as const;

export interface RetryOptions {
  readonly signal?: AbortSignal;
  /**
   * Repeat also what may have been done already. Only for operations that are done once when they are done twice.
   * Default false.
   */
  readonly repeatMaybeDone?: boolean;
}

/**
 * Runs the operation until it succeeds, fails for good, or the policy gives up.
 * @throws what the last try failed with; ZkAbortedError
 */
export async function withRetry<T>(
  policy: RetryPolicy,
  operation: () => Promise<T>,
  { signal, repeatMaybeDone = false }: RetryOptions = {},
): Promise<T> {
  const startedMs = performance.now();
  for (let tries = 1; ; tries++) {
    try {
      return await operation();
    } catch (error) {
      if (!mayRepeat(error, repeatMaybeDone)) throw error;
      const elapsedMs = performance.now() - startedMs;
      const pauseMs = policy({ tries, elapsedMs, wallMs: Date.now(), random: Math.random() });
      if (pauseMs === null) throw error;
      await pause(pauseMs, signal);
      if (signal?.aborted) throw abortedAfter(error as ZooKeeperError, signal);
    }
  }
}

function mayRepeat(error: unknown, repeatMaybeDone: boolean): boolean {
  if (isClosed(error) || !isZooKeeperError(error) || !error.retryable) return false;
  return error.outcome === 'not-done' || (error.outcome === 'maybe-done' && repeatMaybeDone);
}

function abortedAfter(last: ZooKeeperError, { reason }: AbortSignal): ZkAbortedError {
  const message = `aborted between two tries; the last: ${last.message}`;
  return new ZkAbortedError(message, { path: last.path, outcome: last.outcome, cause: reason as unknown });
}

function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw invalid(`expected ${name} above 0, got ${value}`);
}

function notNegative(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw invalid(`expected ${name} of 0 or more, got ${value}`);
}
