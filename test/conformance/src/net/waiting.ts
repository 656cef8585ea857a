/** Waiting: always for a condition, never for time to pass, and never for ever. */
import { TestKitError, waitFor } from '@menagerie/zookeeper-testing';

/** Long enough for a loaded machine; a wait that takes this long has failed. */
const PATIENT_MS = 15_000;
/** For claims that are expected to fail: many do so by something that does not come. */
const IMPATIENT_MS = 2_000;

let defaultDeadlineMs = PATIENT_MS;

/** Runs a claim that is expected to fail. Claims run one after the other, so nobody else is hurried. */
export async function impatiently<T>(run: () => Promise<T>): Promise<T> {
  defaultDeadlineMs = IMPATIENT_MS;
  try {
    return await run();
  } finally {
    defaultDeadlineMs = PATIENT_MS;
  }
}

/** @throws TestKitError `TESTKIT_TIMEOUT` if `promise` is not settled in time; it is then abandoned, not cancelled */
export async function within<T>(promise: Promise<T>, what: string, timeoutMs = defaultDeadlineMs): Promise<T> {
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
export const until = <T>(what: string, condition: () => T | Promise<T>, timeoutMs = defaultDeadlineMs) =>
  waitFor(condition, { timeoutMs, what, intervalMs: 5 });
