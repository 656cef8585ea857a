import { describe, expect, it } from 'vitest';
import { plays } from '../plays/index.js';
import { perform } from './perform.js';

/** One seed of each; `npm run prove -w @menagerie/recipes-tests` has the thousands. */
const SEEDS = [22];

describe.each(plays.map((play) => [play.name, play] as const))('%s under faults', (_name, play) => {
  it.each(SEEDS)('breaks no rule with seed %i', async (seed) => {
    expect((await perform(play, seed)).events).toBeGreaterThan(0);
  });
});
