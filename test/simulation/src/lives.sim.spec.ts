import { createDatabase } from '@menagerie/ensemble';
import { describe, expect, it } from 'vitest';
import { live } from './life.js';
import { makeProductionCore } from './production-core.js';

/** Always the same, so that a failure is this change's; `npm run simulate` looks at more. */
const SEEDS = Array.from({ length: 40 }, (_, i) => 1001 + i);
const TROUBLE_MS = 8_000;

describe('a cluster under faults keeps every promise, and recovers when they end', () => {
  it.each(SEEDS)('seed %i', (seed) => {
    const result = live({
      seed,
      makeCore: makeProductionCore,
      makeDatabase: createDatabase,
      troubleMs: TROUBLE_MS,
    });
    expect(result.acknowledged).toBeGreaterThan(0);
  });

  it('the same seed gives the same life', () => {
    const once = () => live({ seed: 7, makeCore: makeProductionCore, makeDatabase: createDatabase, troubleMs: 3_000 });
    expect(once()).toEqual(once());
  });
});
