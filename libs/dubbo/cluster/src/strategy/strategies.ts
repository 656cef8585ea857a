/** What happens when a call fails. Sources: `dubbo-cluster/.../support/*ClusterInvoker.java`. */
import { DubboError, isDubboError } from '@menagerie/dubbo-url';
import { at } from '../balance/balancer.js';
import type { Provider } from '../provider/provider.js';
import type { Strategy, Tries } from './cluster.js';

/** Tries of a call that failback has put off. */
export const FAILBACK_TRIES = 3;

/** Another provider, up to `retries` times; the list is read anew before each. The default. */
const failover: Strategy = async (tries) => {
  const tried = new Set<Provider>();
  for (let left = tries.retries; ; left--) {
    const provider = tries.select(tries.list(), tried);
    tried.add(provider);
    try {
      return await tries.invoke(provider);
    } catch (error) {
      if (!tries.mayRetry(error)) throw error;
      if (left <= 0) throw exhausted(tried.size, tries.retries + 1, error);
      tries.onRetry(error);
    }
  }
};

/** One try: for what must not be done twice. */
const failfast: Strategy = async (tries) => await tries.invoke(tries.select(tries.list(), new Set()));

/** A failure is logged and that is all. */
const failsafe: Strategy = async (tries) => {
  try {
    return await failfast(tries);
  } catch (error) {
    tries.onSwallowed(error);
    return null;
  }
};

/** A failure is made up for later: an empty result now, up to three tries in the background. */
const failback: Strategy = async (tries) => {
  try {
    return await failfast(tries);
  } catch (error) {
    tries.onSwallowed(error);
    if (!tries.later(() => again(tries, FAILBACK_TRIES))) throw error;
    return null;
  }
};

async function again<R>(tries: Tries<R>, left: number): Promise<void> {
  try {
    await failfast(tries);
  } catch (error) {
    tries.onSwallowed(error);
    if (left > 1) tries.later(() => again(tries, left - 1));
  }
}

/** Several at once; the first success counts and ends the others. */
const forking: Strategy = async (tries) => {
  const chosen = new Set<Provider>();
  const list = tries.list();
  while (chosen.size < Math.min(tries.forks, list.length)) {
    const next = tries.select(list, chosen);
    // A balancer may insist: then whoever is left is taken in order.
    chosen.add(
      chosen.has(next)
        ? at(
            list.filter((one) => !chosen.has(one)),
            0,
          )
        : next,
    );
  }
  const others = new AbortController();
  try {
    return await Promise.any([...chosen].map((provider) => tries.invoke(provider, others.signal)));
  } catch (error) {
    const causes = error instanceof AggregateError ? error.errors : [error];
    // A service that says no has answered.
    const business = causes.find((cause) => !tries.mayRetry(cause));
    throw business ?? exhausted(chosen.size, chosen.size, causes.at(-1));
  } finally {
    others.abort();
  }
};

/** Every provider, one after the other; fails in the end if any did. */
const broadcast: Strategy = async <R>(tries: Tries<R>) => {
  const list = tries.list();
  const limit = Math.ceil((list.length * tries.failPercent) / 100);
  let result: R | null = null;
  let failed = 0;
  let last: unknown;
  for (const provider of list) {
    try {
      result = await tries.invoke(provider);
    } catch (error) {
      last = error;
      failed += 1;
      if (tries.failPercent < 100 && failed >= limit) break;
    }
  }
  if (failed > 0) throw last;
  return result;
};

/** The first that is reachable, without balancing. */
const available: Strategy = async (tries) => {
  const reachable = tries.list().find((provider) => tries.isReachable(provider));
  if (reachable === undefined) {
    throw new DubboError('DUBBO_UNREACHABLE', 'expected a provider with a connection, got none', { retryable: true });
  }
  return await tries.invoke(reachable);
};

/** One provider of each group, and their results joined. */
const mergeable: Strategy = async (tries) => {
  const groups = new Map<string, Provider[]>();
  for (const provider of tries.list()) {
    const group = provider.url.get('group') ?? '';
    groups.set(group, [...(groups.get(group) ?? []), provider]);
  }
  const chosen = [...groups.values()].map((members) => tries.select(members, new Set()));
  return tries.merge(await Promise.all(chosen.map((provider) => tries.invoke(provider))));
};

function exhausted(tried: number, tries: number, cause: unknown): DubboError {
  // Nobody has it: a mistake of the caller's, and the same next time.
  if (isDubboError(cause, 'DUBBO_UNKNOWN_METHOD')) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DubboError(
    'DUBBO_EXHAUSTED',
    `expected an answer, got none from ${tried} providers in ${tries} tries: ${why}`,
    {
      retryable: true,
      cause,
    },
  );
}

const strategies = { failover, failfast, failsafe, failback, forking, broadcast, available, mergeable } as const;
export type StrategyName = keyof typeof strategies;
export const STRATEGIES = Object.keys(strategies) as readonly StrategyName[];

/** @throws DubboError `DUBBO_BAD_REQUEST` */
export function strategy(name: string): Strategy {
  const known = STRATEGIES.find((candidate) => candidate === name);
  if (known !== undefined) return strategies[known];
  throw new DubboError('DUBBO_BAD_REQUEST', `expected a strategy (${STRATEGIES.join(', ')}), got "${name}"`);
}
