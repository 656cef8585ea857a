/** Which of several instances to take. Pure but for what each remembers; chance is an argument. */
import type { ServiceInstance } from './instance.js';

/** @param instances not empty, sorted by id. */
export interface Strategy {
  pick(instances: readonly ServiceInstance[]): ServiceInstance;
}

const at = (instances: readonly ServiceInstance[], index: number): ServiceInstance =>
  instances[index % instances.length] as ServiceInstance;

export const roundRobin = (): Strategy => {
  let next = 0;
  return { pick: (instances) => at(instances, (next = (next + 1) % 0x7fffffff)) };
};

export const randomly = (random: () => number = Math.random): Strategy => ({
  pick: (instances) => at(instances, Math.floor(random() * instances.length)),
});

/** The same one for as long as it is there, then another. */
export const sticky = (fallback: Strategy = randomly()): Strategy => {
  let current: string | null = null;
  return {
    pick: (instances) => {
      const same = instances.find(({ id }) => id === current);
      const picked = same ?? fallback.pick(instances);
      current = picked.id;
      return picked;
    },
  };
};

/** By the number `weight` in the payload, 1 where there is none; 0 takes no calls while others are there. */
export const weighted = (random: () => number = Math.random): Strategy => ({
  pick: (instances) => {
    const weights = instances.map(({ payload }) => weightOf(payload));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (sum === 0) return at(instances, Math.floor(random() * instances.length));
    let rest = random() * sum;
    const index = weights.findIndex((weight) => (rest -= weight) < 0);
    return at(instances, index === -1 ? instances.length - 1 : index);
  },
});

function weightOf(payload: unknown): number {
  const weight = typeof payload === 'object' && payload !== null ? (payload as { weight?: unknown }).weight : undefined;
  return typeof weight === 'number' && weight >= 0 ? weight : 1;
}
