/** Balancers that draw by weight: among all, or among those with the least of something. */
import type { Provider } from '../provider/provider.js';
import { weightOf } from '../provider/weight.js';
import { at, type Balancer, type Choice, draw } from './balancer.js';

const weights = (providers: readonly Provider[], { method, nowMs }: Choice): number[] =>
  providers.map(({ url }) => weightOf(url, method, nowMs));

/** `random`, the default. Source: `RandomLoadBalance.java`. */
export const random: Balancer = {
  select: (providers, choice) => draw(providers, weights(providers, choice), choice.random),
};

function leastBy(cost: (provider: Provider, choice: Choice) => number): Balancer {
  return {
    select(providers, choice) {
      const costs = providers.map((provider) => cost(provider, choice));
      const least = Math.min(...costs);
      const best = providers.filter((_, index) => costs[index] === least);
      return best.length === 1 ? at(best, 0) : draw(best, weights(best, choice), choice.random);
    },
  };
}

/** `leastactive`: whoever has the fewest calls under way. Source: `LeastActiveLoadBalance.java`. */
export const leastActive = leastBy((provider, { method }) => provider.status(method).active);

/** `shortestresponse`: mean time of an answer, for all that stand in line. Source: `ShortestResponseLoadBalance.java`. */
export const shortestResponse = leastBy((provider, { method, nowMs }) => {
  const status = provider.status(method);
  return status.meanMs(nowMs) * (status.active + 1);
});

/** `adaptive`: two at random, and of these the one with less to do. Source: `AdaptiveLoadBalance.java` (P2C). */
export const adaptive: Balancer = {
  select(providers, choice) {
    const { method, nowMs } = choice;
    const first = Math.floor(choice.random() * providers.length);
    const second = (first + 1 + Math.floor(choice.random() * (providers.length - 1))) % providers.length;
    const load = (provider: Provider): number => {
      const status = provider.status(method);
      const weight = weightOf(provider.url, method, nowMs);
      return weight === 0 ? Infinity : ((status.meanMs(nowMs) + 1) * (status.active + 1)) / weight;
    };
    const [one, other] = [at(providers, first), at(providers, second)];
    return load(other) < load(one) ? other : one;
  },
};
