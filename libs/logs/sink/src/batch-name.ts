/** What the name of a file in the sink says: `<day>.<from>-<to>.<lines>.log.gz`, offsets in 16 digits so that names sort. */

export interface BatchFile {
  /** `2026-11-28` */
  readonly day: string;
  readonly from: number;
  readonly to: number;
  readonly lines: number;
}

const DIGITS = 16;
const NAME = /^(?<day>\d{4}-\d\d-\d\d)\.(?<from>\d{16})-(?<to>\d{16})\.(?<lines>\d{1,12})\.log\.gz$/;

const padded = (offset: number): string => String(offset).padStart(DIGITS, '0');

export const formatBatchName = ({ day, from, to, lines }: BatchFile): string =>
  `${day}.${padded(from)}-${padded(to)}.${lines}.log.gz`;

export function parseBatchName(name: string): BatchFile | undefined {
  const parts = NAME.exec(name)?.groups;
  if (parts === undefined) return undefined;
  return {
    day: parts['day'] ?? '',
    from: Number(parts['from']),
    to: Number(parts['to']),
    lines: Number(parts['lines']),
  };
}

/**
 * In the order of the stream, each byte once. Where a merged file and its parts are both there (a merge was cut short),
 * the longest from an offset counts.
 */
export function inOrder(files: readonly BatchFile[]): readonly BatchFile[] {
  const sorted = [...files].sort((a, b) => a.from - b.from || b.to - a.to);
  const ordered: BatchFile[] = [];
  for (const file of sorted) {
    const last = ordered.at(-1);
    if (last === undefined || file.from >= last.to) ordered.push(file);
  }
  return ordered;
}
