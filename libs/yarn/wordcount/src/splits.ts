/**
 * How the input is cut: into splits of about one size, each made of ranges of files, small files together.
 *
 * A range may begin or end inside a line. Its reader takes the lines that *begin* in it, as Hadoop's LineRecordReader
 * does: it skips to the first line that begins at or after the start, and reads the last one to its end, beyond the
 * range if need be. So every line is counted once, wherever the cuts are.
 */
export interface InputFile {
  /** Relative to the input directory. */
  readonly path: string;
  readonly bytes: number;
}

export interface FileRange {
  readonly path: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export type Split = readonly FileRange[];

export function planSplits(files: readonly InputFile[], splitBytes: number): Split[] {
  const splits: FileRange[][] = [];
  let open: FileRange[] = [];
  let room = splitBytes;
  const close = () => {
    if (open.length > 0) splits.push(open);
    open = [];
    room = splitBytes;
  };
  const inOrder = files.filter((file) => file.bytes > 0).sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, bytes } of inOrder) {
    for (let start = 0; start < bytes;) {
      const end = Math.min(bytes, start + room);
      open.push({ path, start, end });
      room -= end - start;
      start = end;
      if (room === 0) close();
    }
  }
  close();
  return splits;
}

/**
 * The part of a range's bytes that its reader counts.
 * @param bytes the file from `offset` on; must reach from one byte before `range.start` to the end of the line that
 *   begins last in the range
 */
export function linesOf(bytes: Buffer, offset: number, range: FileRange, fileBytes: number): Buffer {
  const NEWLINE = 0x0a;
  // The byte before decides whether a line begins exactly at the start.
  let from = range.start;
  if (from > 0) {
    const before = bytes.indexOf(NEWLINE, from - 1 - offset);
    if (before === -1) return bytes.subarray(0, 0);
    from = before + offset + 1;
  }
  if (from >= range.end) return bytes.subarray(0, 0);
  const last = bytes.indexOf(NEWLINE, range.end - 1 - offset);
  const to = last === -1 ? fileBytes : last + offset + 1;
  return bytes.subarray(from - offset, to - offset);
}
