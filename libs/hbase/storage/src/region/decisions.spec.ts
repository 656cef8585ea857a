import { describe, expect, it } from 'vitest';
import { type Cell, CellKind, compareCells, NOTHING } from '../cell/cell.js';
import { decodeCells, encodeCells } from '../cell/codec.js';
import { BloomFilter } from '../file/bloom.js';
import { selectCompaction } from './select-compaction.js';
import { kept, visible } from './versions.js';

const cell = (column: string, seq: number, kind: CellKind = CellKind.put): Cell => ({
  row: Buffer.from('row'),
  column: Buffer.from(column),
  seq,
  kind,
  timestampMs: 1_700_000_000_000,
  value: kind === CellKind.put ? Buffer.from(`${column}${seq}`) : NOTHING,
});
const seen = (cells: readonly Cell[]): string[] =>
  visible([...cells].sort(compareCells)).map(({ value }) => `${value}`);

describe('what is seen of a row', () => {
  it.each([
    ['the newest of each column', [cell('f:a', 1), cell('f:a', 3), cell('f:b', 2)], ['f:a3', 'f:b2']],
    ['nothing of a deleted column', [cell('f:a', 1), cell('f:a', 2, CellKind.deleteColumn)], []],
    ['what came after a deletion', [cell('f:a', 2), cell('f:a', 1, CellKind.deleteColumn)], ['f:a2']],
    [
      'nothing from before the row was deleted',
      [cell('f:a', 1), cell('', 2, CellKind.deleteRow), cell('f:b', 3)],
      ['f:b3'],
    ],
    ['what the deleting mutation put', [cell('', 2, CellKind.deleteRow), cell('f:a', 2), cell('f:b', 1)], ['f:a2']],
  ])('%s', (_, cells, expected) => expect(seen(cells)).toEqual(expected));

  it('is the same after a compaction, of some files or of all', () => {
    const cells = [cell('', 2, CellKind.deleteRow), cell('f:a', 1), cell('f:a', 4), cell('f:b', 3), cell('f:c', 2)];
    const sorted = cells.sort(compareCells);
    for (const everything of [false, true]) expect(seen(kept(sorted, everything))).toEqual(seen(cells));
    expect(kept(sorted, false).some(({ kind }) => kind === CellKind.deleteRow)).toBe(true);
    expect(kept(sorted, true).some(({ kind }) => kind === CellKind.deleteRow)).toBe(false);
  });
});

describe('cells as bytes', () => {
  const cells = [cell('', 2 ** 40, CellKind.deleteRow), cell('f:a', 7)];
  it('come back', () => expect(decodeCells(encodeCells(cells))).toEqual(cells));

  it('cut anywhere but between two of them are refused', () => {
    const bytes = encodeCells(cells);
    const first = encodeCells(cells.slice(0, 1)).length;
    for (let end = 1; end < bytes.length; end++) {
      if (end !== first) expect(() => decodeCells(bytes.subarray(0, end))).toThrow(RangeError);
    }
  });
});

describe('a bloom filter', () => {
  it('never denies a row that is there, and passes few that are not', () => {
    const rows = Array.from({ length: 5_000 }, (_, n) => Buffer.from(`row-${n}`));
    const filter = BloomFilter.of(rows);
    expect(rows.every((row) => filter.mayHold(row))).toBe(true);
    const passed = rows.filter((row) => filter.mayHold(Buffer.concat([row, Buffer.from('!')]))).length;
    expect(passed / rows.length).toBeLessThan(0.03);
  });
});

describe('the choice of files to compact', () => {
  it.each([
    ['few are left alone', [10, 10, 10], null],
    ['equals are joined', [10, 10, 10, 10], [0, 4]],
    ['one that outweighs the newer ones stays out', [1_000, 10, 10, 10, 10], [1, 5]],
    ['sizes that fall steeply are left alone', [1_000, 300, 90, 20], null],
    ['no more than ten at once', Array.from({ length: 12 }, () => 5), [0, 10]],
  ])('%s', (_, sizes, expected) => expect(selectCompaction(sizes)).toEqual(expected));
});
