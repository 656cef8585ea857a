/** Plain text tables: columns as wide as their widest cell, two spaces between them. */

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** @returns one line for the titles and one for each row, without trailing blanks */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => width(row[index] ?? ''))));
  return all.map((row) =>
    columns
      .map((column, index) => pad(row[index] ?? '', widths[index] ?? 0, column.align ?? 'left'))
      .join(GAP)
      .trimEnd(),
  );
}

function pad(cell: string, to: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, to - width(cell)));
  return align === 'left' ? cell + blanks : blanks + cell;
}

const COLOUR = /\u001b\[\d+m/g;

function width(cell: string): number {
  return cell.replace(COLOUR, '').length;
}
