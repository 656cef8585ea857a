/** The regression guard: the ratios of a short run against those kept in the repository. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, Guard } from './bench.js';
import type { Row } from './comparison.js';
import { runParts } from './run.js';
import { short, table } from './statistics.js';

/** Row to ratio. */
export type Baseline = Readonly<Record<string, number>>;

export interface Finding {
  readonly name: string;
  readonly kept: number | null;
  readonly found: number | null;
  readonly isWorse: boolean;
}

/** What a ratio may rise by whatever it was: of a row in which we take a thirtieth of the peer, a half more is noise. */
const SLACK = 0.05;

/** A row that is kept and was not measured is worse than any figure; a row that is not kept is no finding. */
export function compareWithBaseline(rows: readonly Row[], baseline: Baseline, tolerance: number): Finding[] {
  const found = new Map(rows.map((row) => [row.name, row.ratio]));
  return Object.entries(baseline).map(([name, kept]) => {
    const ratio = found.get(name) ?? null;
    return { name, kept, found: ratio, isWorse: ratio === null || ratio > Math.max(kept * tolerance, kept + SLACK) };
  });
}

/** @returns whether nothing is worse than it was */
export async function check(bench: Bench, guard: Guard, keep: boolean, say: (line: string) => void): Promise<boolean> {
  const { rounds, seconds, parts, tolerance } = guard;
  const { comparison, failures } = await runParts(bench, parts, { rounds, seconds, only: null, settings: {}, say });
  const rows = comparison.rows().filter((row) => guard.keeps(row.name));
  const path = join(import.meta.dirname, '../..', guard.baselineFile);
  if (keep && failures.length === 0) {
    const ratios = Object.fromEntries(rows.map(({ name, ratio }) => [name, Number((ratio ?? NaN).toPrecision(3))]));
    writeFileSync(path, `${JSON.stringify(ratios, null, 2)}\n`);
    say(`kept in ${guard.baselineFile}`);
  }
  const findings = compareWithBaseline(rows, JSON.parse(readFileSync(path, 'utf8')) as Baseline, tolerance);
  const cells = findings.map(({ name, kept, found, isWorse }) => [
    name,
    short(kept ?? NaN),
    short(found ?? NaN),
    isWorse ? 'WORSE' : 'ok',
  ]);
  say(`\n${table(['ratio to the peer, the lower the better', 'kept', 'now', ''], cells)}`);
  say(`allowed: ${tolerance} times, or ${SLACK} more than, what is kept in ${guard.baselineFile}`);
  for (const failure of failures) say(`failed: ${failure}`);
  return failures.length === 0 && findings.every(({ isWorse }) => !isWorse);
}
