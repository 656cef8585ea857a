/** Waiting in a demo: for a value, with a deadline, through failures that are part of the show. */
import { setTimeout as sleep } from 'node:timers/promises';

import { CliError } from '../errors.js';

export interface UntilOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}

const EVERY_MS = 100;

/**
 * Looks until there is something to see. A look that throws counts as nothing: whoever is asked may be dead just now.
 * @throws CliError with the last failure when the time is over
 */
export async function until<T>(what: string, options: UntilOptions, look: () => Promise<T | undefined>): Promise<T> {
  const endMs = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal.throwIfAborted();
    let last = 'not seen';
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() >= endMs) {
      throw new CliError('CLI_DEMO_WAIT', `${what}: not within ${options.timeoutMs / 1000} s (${last})`);
    }
    await sleep(options.everyMs ?? EVERY_MS, undefined, { signal: options.signal });
  }
}
