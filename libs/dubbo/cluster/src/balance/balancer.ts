/** What every balancer is: it picks one of several providers. */
import type { Provider } from '../provider/provider.js';

export interface Choice {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly nowMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export interface Balancer {
  /** Precondition: there are at least two. */
  select(providers: readonly Provider[], choice: Choice): Provider;
}

/** The one at this place. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`expected an index below ${list.length}, got ${index}`);
  return found;
}

/** A draw by weight; uniform when weights are equal, or nobody has any. */
export function draw(providers: readonly Provider[], weights: readonly number[], random: () => number): Provider {
  let total = 0;
  let equal = true;
  for (const weight of weights) {
    total += weight;
    equal &&= weight === weights[0];
  }
  if (equal || total === 0) return at(providers, Math.floor(random() * providers.length));
  let offset = Math.floor(random() * total);
  for (let index = 0; index < providers.length; index++) {
    offset -= at(weights, index);
    if (offset < 0) return at(providers, index);
  }
  return at(providers, providers.length - 1);
}
