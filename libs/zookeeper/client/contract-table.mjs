#!/usr/bin/env node
/** `npm run contract`: the contract suite on both drivers and both engines in one run, as a table. Exit 1 if it is broken. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const scratch = mkdtempSync(join(tmpdir(), 'menagerie-contract-'));
const report = join(scratch, 'report.json');
const args = [
  'vitest',
  'run',
  '--project',
  'contract',
  '--reporter=dot',
  '--reporter=json',
  `--outputFile.json=${report}`,
];
const { status } = spawnSync('npx', args, { cwd: root, stdio: 'inherit' });

/** group -> column -> status -> count */
const rows = new Map();
const columns = new Set();
for (const { assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
  for (const { ancestorTitles, status: result } of assertionResults) {
    const [, column, group] = /^(.*?): (.*?)(?: \(skipped.*)?$/.exec(ancestorTitles[0]) ?? [];
    if (column === undefined) continue;
    columns.add(column);
    const cells = rows.get(group) ?? new Map();
    rows.set(group, cells);
    const cell = cells.get(column) ?? { passed: 0, failed: 0, skipped: 0 };
    cells.set(column, cell);
    cell[result === 'passed' || result === 'failed' ? result : 'skipped'] += 1;
  }
}
rmSync(scratch, { recursive: true, force: true });

const text = ({ passed, failed, skipped } = { passed: 0, failed: 0, skipped: 0 }) =>
  `${passed} passed${failed > 0 ? `, ${failed} FAILED` : ''}${skipped > 0 ? `, ${skipped} not for it` : ''}`;
const names = [...columns].sort().reverse();
const lines = [
  ['', ...names],
  ...[...rows].map(([group, cells]) => [group, ...names.map((name) => text(cells.get(name)))]),
];
const widths = lines[0].map((_, at) => Math.max(...lines.map((line) => line[at].length)));
for (const line of lines)
  process.stdout.write(
    `${line
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd()}\n`,
  );
process.exit(status ?? 1);
