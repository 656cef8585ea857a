/**
 * The kept corpus through every decoder, and a fixed number of changes to it, from a fixed seed. `npm run fuzz` looks for
 * more, guided by what the inputs reach.
 */
import { describe, expect, it } from 'vitest';
import { readCorpus } from './corpus.js';
import { execute } from './execute.js';
import { mutate } from './mutate.js';
import { Random } from './random.js';
import { targets } from './targets/index.js';

const SEED = 20_261_128;
const CHANGES = 1_500;

describe.each(targets)('$name', (target) => {
  const begin = [...target.seeds(), ...readCorpus(target.name)];

  it('has a corpus', () => {
    expect(readCorpus(target.name).length).toBeGreaterThan(0);
  });

  it('decodes some of its real inputs', () => {
    expect(target.seeds().some((input) => execute(target, input).kind === 'decoded')).toBe(true);
  });

  it('breaks on nothing that is kept', () => {
    for (const input of begin) expect(execute(target, input), input.toString('base64')).not.toHaveProperty('why');
  });

  it(`breaks on none of ${CHANGES} changes to it (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (let at = 0; at < CHANGES; at++) {
      const input = mutate(random.pick(begin), random, random.pick(begin));
      expect(execute(target, input), input.toString('base64')).not.toHaveProperty('why');
    }
  });
});
