import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutants } from './mutants/catalogue.js';

const DOCS = join(import.meta.dirname, '../../../docs');
const PAGE = readFileSync(join(DOCS, 'failures.md'), 'utf8');
const ROW = /^\| ([^|]+?) +\| [^|]+\| \[[^\]]+\]\(([^)]+)\): ([^|]+?) +\| (?:`([a-z-]+)`)? *\|$/gm;

const rows = [...PAGE.matchAll(ROW)].map(([, ids, path, title, mutant]) => ({ ids, path, title, mutant }));

describe('the table of failures', () => {
  it('has the rows of the catalogue', () => {
    expect(rows.length).toBeGreaterThan(50);
  });

  it.each(rows.map((row) => [row.ids, row] as const))('ZOOKEEPER-%s names a test that is there', (_ids, row) => {
    const path = join(DOCS, row.path!);
    expect(existsSync(path), path).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(row.title);
    if (row.mutant !== undefined) expect(mutants.map(({ name }) => name)).toContain(row.mutant);
  });
});
