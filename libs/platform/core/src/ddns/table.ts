/** What a name resolves to: the list as registered, and what the Controller says of it, applied when it is read. */
import { z } from 'zod';
import { listOf } from './address.js';

export const overridesSchema = z.strictObject({
  /** Not given out, though registered and well. */
  masked: z.array(z.string()).default([]),
  /** Given out instead of the list. */
  fixed: z.array(z.string()).nullable().default(null),
  /** By address; 1 where nothing is said, 0 for none while others are there. */
  weights: z.record(z.string(), z.number().int().min(0).max(1_000)).default({}),
  /** Nobody is to be given: the one way to an empty table. */
  closed: z.boolean().default(false),
});
export type Overrides = z.infer<typeof overridesSchema>;
export const NO_OVERRIDES: Overrides = { masked: [], fixed: null, weights: {}, closed: false };

export interface Target {
  readonly address: string;
  readonly weight: number;
}

/** Foreign text counts as no overrides: a typing error must not close a domain. */
export function readOverrides(text: string): Overrides {
  try {
    return overridesSchema.parse(JSON.parse(text === '' ? '{}' : text));
  } catch {
    return NO_OVERRIDES;
  }
}

export function targetsOf(list: string, overrides: Overrides): readonly Target[] {
  if (overrides.closed) return [];
  const addresses = overrides.fixed ?? listOf(list);
  return addresses
    .filter((address) => !overrides.masked.includes(address))
    .map((address) => ({ address, weight: overrides.weights[address] ?? 1 }));
}

/** @param random from 0 to below 1 @returns null when there is none */
export function chooseTarget(targets: readonly Target[], random: number): Target | null {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return targets[Math.floor(random * targets.length)] ?? null;
  let left = random * total;
  for (const target of targets) {
    left -= target.weight;
    if (left < 0) return target;
  }
  return null;
}
