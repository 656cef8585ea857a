/** The page of promises names tests: each must be there, under that title. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const page = join(import.meta.dirname, '../../../docs/reliability.md');
const links = [...readFileSync(page, 'utf8').matchAll(/\[`([^`]+)`\]\(([^)]+)\)/g)].map(
  ([, title, path]) => [title!, path!] as const,
);

describe('docs/reliability.md', () => {
  it('has a proof in every line of its tables', () => {
    const rows = readFileSync(page, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^\| *(under|-+) /.test(line));
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect(row).toMatch(/\[`[^`]+`\]\([^)]+\)/);
  });

  it.each(links)('links to a test that exists: %s', (title, path) => {
    const file = join(dirname(page), path);
    expect(existsSync(file), file).toBe(true);
    const source = readFileSync(file, 'utf8').replaceAll("\\'", "'");
    expect(source.includes(title), `${path} has no test called "${title}"`).toBe(true);
  });
});
