/** Waiting: always for a condition, never for time to pass, and never for ever. */
import { TestKitError, waitFor } from '@menagerie/zookeeper-testing';

/** Long enough for a loaded machine; a wait that takes this long has failed. */
const PATIENT_MS = 15_000;

/** @throws TestKitError `TESTKIT_TIMEOUT` if `promise` is not settled in time; it is then abandoned, not cancelled */
export async function within<T>(promise: Promise<T>, what: string, timeoutMs = PATIENT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TestKitError('TESTKIT_TIMEOUT', `expected ${what} within ${timeoutMs} ms, it did not come`, true));
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks until the condition gives something other than null, undefined or false, and returns that. */
export const until = <T>(what: string, condition: () => T | Promise<T>, timeoutMs = PATIENT_MS) =>
  waitFor(condition, { timeoutMs, what, intervalMs: 5 });
