/** The keys as docs/operations.md shows them. */
import { KEY_SUBJECTS, KeyFate, type KeyRow } from './keys.js';

const BEGIN = '<!-- keys: written by `npm run keys -w @menagerie/ensemble` -->';
const END = '<!-- end of keys -->';

/** The text with its table replaced by the one of today. @throws Error if the place for it is not marked */
export function withKeyTable(text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`expected ${BEGIN} and behind it ${END}`);
  return `${text.slice(0, begin)}${BEGIN}\n\n${keyTable()}\n${text.slice(end)}`;
}

function keyTable(): string {
  return Object.entries(KEY_SUBJECTS)
    .map(([subject, rows]) => `### ${subject}\n\n${table(rows)}`)
    .join('\n');
}

/** In the form that the formatter leaves as it is. */
function table(rows: readonly KeyRow[]): string {
  const cells = [['key', "Apache's default", 'here', ''], ...rows.map(cellsOf)];
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |\n`;
  const [head, ...body] = cells;
  return `${line(head!)}${line(widths.map((width) => '-'.repeat(width)))}${body.map(line).join('')}`;
}

function cellsOf({ key, byDefault, fate, note }: KeyRow): string[] {
  const here = fate === KeyFate.supported ? '' : fate;
  return [`\`${key}\``, byDefault === '' ? '' : `\`${byDefault}\``, here, note];
}
