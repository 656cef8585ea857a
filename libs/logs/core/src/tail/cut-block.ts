/**
 * Where a block of a log file may be cut, so that no record is torn in two.
 *
 * A record is a line, or a line and those after it that do not begin a record of their own (a stack trace, say). Its last
 * line is only known to be the last when another record begins, or when nothing has been added for a while.
 */

export interface CutSettings {
  /** A record longer than this is cut all the same, and counted. */
  readonly maxRecordBytes: number;
  /** How a record begins, tried on each line's text; null when every line is a record. */
  readonly recordStart: RegExp | null;
}

export interface Cut {
  /** So many bytes from the front may go; 0 when there is no whole record yet. */
  readonly length: number;
  /** The cut goes through a record that is too long to be held back. */
  readonly torn: boolean;
}

/** Enough of a line to tell whether a record begins there. */
const START_BYTES = 256;
const NEWLINE = 0x0a;

export interface BlockEnd {
  /** Nothing will be added to this block: the file is finished, or has been quiet for long enough to say so. */
  readonly complete: boolean;
  /** The file is finished: what has no newline at its end goes as well. */
  readonly final: boolean;
}

/** @param block begins where a record begins (or where the last cut was) */
export function cutBlock(block: Buffer, end: BlockEnd, settings: CutSettings): Cut {
  if (end.final) return { length: block.length, torn: false };
  const lines = block.lastIndexOf(NEWLINE) + 1;
  const whole = settings.recordStart === null || end.complete ? lines : lastStart(block, lines, settings.recordStart);
  if (whole > 0) return { length: whole, torn: false };
  if (block.length < settings.maxRecordBytes) return { length: 0, torn: false };
  return { length: lines > 0 ? lines : settings.maxRecordBytes, torn: true };
}

/** Where the last record that begins in `block[0, end)` begins; 0 if that is the first. */
function lastStart(block: Buffer, end: number, recordStart: RegExp): number {
  let at = end;
  while (at > 0) {
    const begin = block.lastIndexOf(NEWLINE, at - 2) + 1;
    if (at < 2) return 0;
    if (begin > 0 && recordStart.test(block.toString('utf8', begin, Math.min(begin + START_BYTES, at)))) return begin;
    at = begin;
  }
  return 0;
}

/** A NUL byte is in no text that anybody logs. @param head the first bytes of a file */
export const looksBinary = (head: Buffer): boolean => head.includes(0);

export function countLines(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
