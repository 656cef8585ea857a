/** Chance that can be had again: the seed is printed, and `SEED=n` runs the same once more. */
export interface Seeded {
  readonly seed: number;
  /** Uniform in [0, 1). */
  random(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
}

/** mulberry32 */
export function seeded(seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))): Seeded {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { seed, random, between: (min, max) => min + Math.floor(random() * (max - min + 1)) };
}
