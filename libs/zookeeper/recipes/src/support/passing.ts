/** Failures that say nothing about what was asked: a connection that went, a deadline in the middle of an outage. */
import { isAborted, isClosed, isSessionLost, isZooKeeperError } from '@menagerie/zookeeper-client';

/** Between two tries, so that a server which keeps refusing is not asked in a tight loop. */
const PAUSE_MS = 50;

/** Whether the same call may succeed in this very session. */
export function isPassing(error: unknown): boolean {
  return isZooKeeperError(error) && error.retryable && !isSessionLost(error) && !isAborted(error) && !isClosed(error);
}

/** Resolves after a moment, or at once when the signal fires. */
export function breathe(signal?: AbortSignal, ms = PAUSE_MS): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
