/** Chance that can be had again: the same seed gives the same numbers. */
import { randomInt } from 'node:crypto';

/** For a test that names none; it belongs into every message, so that a failure can be looked at again. */
export function randomSeed(): number {
  return randomInt(2 ** 32 - 1);
}

/** mulberry32, by Tommy Ettinger (public domain). @returns 0 <= random() < 1 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
