import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutants } from './catalogue.js';
import { mutate } from './mutant.js';

const ROOT = join(import.meta.dirname, '../../../..');

describe('the catalogue of deliberate bugs', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    '%s can still be put into the source',
    (name, mutant) => {
      for (const edit of mutant.edits) {
        const source = readFileSync(join(ROOT, edit.file), 'utf8');
        expect(mutate(source, name, edit)).not.toBe(source);
      }
    },
  );

  it('has a name for each', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });
});
