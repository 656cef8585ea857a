/**
 * Which ResourceManager to try next, and after which pause.
 *
 * As YARN's clients do (ConfiguredRMFailoverProxyProvider with RetryPolicies.failoverOnNetworkException): the first
 * switch is immediate, since one of two is usually active; once every one was tried in vain, each further switch waits
 * twice as long as the one before, with a jitter of half, up to a limit.
 */
export interface FailoverOptions {
  /** `yarn.client.failover-sleep-base-ms`; default 500. */
  readonly sleepBaseMs: number;
  /** `yarn.client.failover-sleep-max-ms`; default 15000. */
  readonly sleepMaxMs: number;
}

export interface Failover {
  readonly index: number;
  readonly sleepMs: number;
}

/**
 * @param failed index of the ResourceManager that was just tried in vain
 * @param failures how many tries of this call were in vain, at least 1
 * @param chance a number from 0 to 1, for the jitter
 */
export function nextResourceManager(
  failed: number,
  count: number,
  failures: number,
  chance: number,
  options: FailoverOptions,
): Failover {
  const index = (failed + 1) % count;
  const pausesBefore = failures - Math.max(1, count - 1);
  if (pausesBefore <= 0) return { index, sleepMs: 0 };
  const full = Math.min(options.sleepMaxMs, options.sleepBaseMs * 2 ** Math.min(pausesBefore - 1, 30));
  return { index, sleepMs: Math.round(full * (0.5 + chance / 2)) };
}
