/** The short table: what was promised, what was measured, and whether it holds. As text, and as Markdown for the documents. */
import type { Plot, Summary } from './bench.js';
import type { Comparison, Row } from './comparison.js';
import { short } from './statistics.js';

export interface SummaryTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Of those measured or not. */
  readonly met: number;
}

/** A promise whose row was not measured stands there as such. */
export function summaryTable(
  { lines }: Summary,
  comparison: Comparison,
  [ours, theirs]: readonly string[],
  titles: Readonly<Record<string, string>> = {},
): SummaryTable {
  const byName = new Map(comparison.rows().map((row) => [row.name, row]));
  const title = (subject: string | undefined): string => (subject === undefined ? '-' : (titles[subject] ?? subject));
  const rows = lines.map(({ measure, row: name }) => {
    const row = byName.get(name);
    if (row === undefined) return [measure, '', '-', '-', '-', '-', 'not measured'];
    const { target, ratio, noise, verdict } = row;
    return [
      measure,
      target,
      value(row, ours),
      value(row, theirs),
      ratio === null ? '-' : `${short(ratio)}x`,
      noise === null ? '-' : `x${short(noise)}`,
      verdict,
    ];
  });
  const header = ['measure', 'target', title(ours), title(theirs), 'ratio', `${title(theirs)} to itself`, 'met?'];
  return { header, rows, met: rows.filter((cells) => cells.at(-1) === 'met').length };
}

function value({ medians, unit }: Row, subject: string | undefined): string {
  const median = subject === undefined ? undefined : medians[subject];
  return median === undefined ? '-' : `${short(median)} ${unit}`;
}

/** @param notes machine, rounds and whatever else says what the figures are worth */
export function summaryMarkdown(
  summary: Summary,
  { header, rows, met }: SummaryTable,
  notes: readonly string[],
  plots: readonly Plot[],
): string {
  const cells = (row: readonly string[]): string => `| ${row.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [
    `# ${summary.title}`,
    '',
    `Printed by \`${summary.command}\`: ${met} of ${rows.length} targets met.`,
    '',
    ...notes.map((note) => `- ${note}`),
    '',
    cells(header),
    `| --- |${' ---: |'.repeat(header.length - 1)}`,
    ...rows.map(cells),
    '',
    ...plots.flatMap(({ fileName }) => [`![${fileName.replace(/\.svg$/, '')}](${fileName})`, '']),
  ].join('\n');
}
