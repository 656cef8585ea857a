import { describe, expect, it } from 'vitest';
import { FailedLife, live } from './life.js';

/** Always the same, so that a failure is this change's; `npm run simulate` looks at more. */
const FIRST_SEED = 1001;
const LIVES = 240;
/** What one test lives through: enough to be worth its line, few enough to tell which seed it was. */
const LIVES_A_TEST = 20;
/** Shorter than on the command line, since lives are many here. */
const TROUBLE_MS = 4_000;

/** Each found a bug, ours or the simulation's own: docs/failures.md says which. */
const ONCE_BROKEN = [
  22, 74, 88, 227, 415, 1237, 10043, 10063, 10543, 10579, 10871, 11047, 12994, 13673, 13781, 14501, 15076,
];

const batches = Array.from({ length: LIVES / LIVES_A_TEST }, (_, i) => FIRST_SEED + i * LIVES_A_TEST);

describe('a cluster under faults keeps every promise, and recovers when they end', () => {
  it.each(batches)('seeds from %i', async (first) => {
    for (let seed = first; seed < first + LIVES_A_TEST; seed++) {
      const { answered } = await live({ seed, troubleMs: TROUBLE_MS });
      expect(answered, `answers in the life of seed ${seed}`).toBeGreaterThan(0);
    }
  });

  it.each(ONCE_BROKEN)('seed %i, which once broke a rule', async (seed) => {
    await live({ seed });
  });

  it('not when fsync lies, and then that is found out', async () => {
    const FEW = 12;
    const lives = async () => {
      for (let seed = 1; seed <= FEW; seed++) await live({ seed, lyingFsync: true });
    };
    await expect(lives()).rejects.toThrow(FailedLife);
  });

  it('the same seed gives the same life', async () => {
    const once = () => live({ seed: 7, troubleMs: 3_000 });
    expect(await once()).toEqual(await once());
  });

  it('the same seed without some of its faults gives the same life twice too', async () => {
    const once = () => live({ seed: 7, troubleMs: 3_000, faults: [1, 3, 5] });
    const result = await once();
    expect(result).toEqual(await once());
    expect(result.faults).toBeLessThanOrEqual(3);
  });
});
