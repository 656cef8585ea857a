/** Waiting for something to become true, instead of sleeping and hoping. */
import { setTimeout as delay } from 'node:timers/promises';
import { TestKitError } from './errors.js';

export interface WaitOptions {
  readonly timeoutMs: number;
  /** What is waited for, for the message: `a leader`. */
  readonly what: string;
  /** Between two looks; default 20. */
  readonly intervalMs?: number;
}

/**
 * Looks until the condition gives something other than null, undefined or false, and returns that. A condition that
 * throws has not come true yet; its latest error is the cause if it never does.
 *
 * @throws TestKitError `TESTKIT_TIMEOUT`
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs, what, intervalMs = 20 }: WaitOptions,
): Promise<Exclude<T, null | undefined | false>> {
  const deadlineMs = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const result = await condition();
      cause = undefined;
      if (result !== null && result !== undefined && result !== false)
        return result as Exclude<T, null | undefined | false>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadlineMs) {
      const detail =
        cause === undefined ? '' : `; last look: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new TestKitError('TESTKIT_TIMEOUT', `expected ${what} within ${timeoutMs} ms${detail}`, true, { cause });
    }
    await delay(intervalMs);
  }
}
